//! Rate limits and the keys under which the chain keeps them.

use alloy_primitives::{Address, B256, U256, keccak256};
use serde::Serialize;

use crate::{
    network::Token,
    quantity::{amount, decimal, rate::Rate},
};

/// The numbers of a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LimitValue {
    /// The most that can be available, base units; `U256::MAX` means unlimited.
    #[serde(serialize_with = "decimal")]
    pub max: U256,
    /// How fast it comes back.
    pub slope: Rate,
}

impl LimitValue {
    /// Whether it limits nothing.
    pub fn is_unlimited(&self) -> bool {
        self.max == U256::MAX
    }

    /// The same with its amounts counted otherwise.
    #[must_use]
    pub fn counted(mut self, count: impl Fn(U256) -> U256) -> Self {
        self.max = count(self.max);
        self.slope.amount = count(self.slope.amount);
        self.slope.per_second = count(self.slope.per_second);
        self
    }

    /// Writes it for people: `100_000_000 USDS, 20_000_000 USDS / day`.
    pub fn format(&self, token: &Token) -> String {
        if self.is_unlimited() {
            return amount::UNLIMITED.to_owned();
        }
        format!("{}, {}", amount::format(self.max, token), self.slope.format(token))
    }
}

/// A limit on what a PAU may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// What is limited.
    pub name: LimitName,
    /// The token that it is counted in.
    pub token: Token,
    /// The most that can be available, base units of `token`; `U256::MAX` means unlimited.
    #[serde(serialize_with = "decimal")]
    pub max: U256,
    /// How fast it comes back.
    pub slope: Rate,
}

/// What a limit is about. The last four are about a Unit, whose address the factory predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "limit", rename_all = "kebab-case")]
pub enum LimitName {
    /// USDS drawn from the allocator vault.
    UsdsMint,
    /// USDS to USDC through the PSM, counted in USDC.
    UsdsToUsdc,
    /// A token sent to one destination.
    AssetTransfer {
        /// The token.
        asset: Address,
        /// Who receives it.
        destination: Address,
    },
    /// A token sent to an endpoint off the chain, counted with 18 decimals.
    OfframpSend {
        /// The token.
        asset: Address,
        /// Who is paid.
        endpoint: Address,
    },
    /// A token claimed from an endpoint: a gate, not an amount.
    OfframpReturn {
        /// The token.
        asset: Address,
        /// Who paid it back.
        endpoint: Address,
    },
    /// A token deposited into an ERC-4626 vault.
    Erc4626Deposit {
        /// The token.
        asset: Address,
        /// The vault.
        vault: Address,
    },
    /// Anything withdrawn from an ERC-4626 vault.
    Erc4626Withdraw {
        /// The vault.
        vault: Address,
    },
    /// The asset requested for deposit into the Unit.
    Erc7540Deposit,
    /// Shares requested for redemption from the Unit.
    Erc7540Redeem,
    /// Leaving a queue of the Unit: a gate, not an amount.
    LctsExit,
    /// The asset put into the Unit for its redeemers.
    LctsFundRedeem,
}

impl LimitName {
    /// The key on chain; `asset` and `unit` are used by the limits that are about a Unit.
    pub fn key(&self, asset: Address, unit: Address) -> B256 {
        match *self {
            Self::UsdsMint => usds_mint(),
            Self::UsdsToUsdc => usds_to_usdc(),
            Self::AssetTransfer { asset, destination } => asset_transfer(asset, destination),
            Self::OfframpSend { asset, endpoint } => offramp_send(asset, endpoint),
            Self::OfframpReturn { asset, endpoint } => offramp_return(asset, endpoint),
            Self::Erc4626Deposit { asset, vault } => erc4626_deposit(asset, vault),
            Self::Erc4626Withdraw { vault } => erc4626_withdraw(vault),
            Self::Erc7540Deposit => erc7540_deposit(asset, unit),
            Self::Erc7540Redeem => erc7540_redeem(unit),
            Self::LctsExit => lcts_exit(unit),
            Self::LctsFundRedeem => lcts_fund_redeem(asset, unit),
        }
    }

    /// Whether the key depends on a Unit's address.
    pub fn is_about_unit(&self) -> bool {
        matches!(
            self,
            Self::Erc7540Deposit | Self::Erc7540Redeem | Self::LctsExit | Self::LctsFundRedeem
        )
    }
}

/// `keccak256(abi.encode(keccak256(name), addresses...))`.
fn derive(name: &str, addresses: &[Address]) -> B256 {
    let mut words = keccak256(name).to_vec();
    for address in addresses {
        words.extend_from_slice(address.into_word().as_slice());
    }
    keccak256(words)
}

/// Key of [`LimitName::UsdsMint`]: the bare name.
pub fn usds_mint() -> B256 {
    keccak256("LIMIT_USDS_MINT")
}

/// Key of [`LimitName::UsdsToUsdc`]: the bare name.
pub fn usds_to_usdc() -> B256 {
    keccak256("LIMIT_USDS_TO_USDC")
}

/// Key of [`LimitName::AssetTransfer`].
pub fn asset_transfer(asset: Address, destination: Address) -> B256 {
    derive("LIMIT_ASSET_TRANSFER", &[asset, destination])
}

/// Key of [`LimitName::OfframpSend`].
pub fn offramp_send(asset: Address, endpoint: Address) -> B256 {
    derive("LIMIT_OFFRAMP_SEND", &[asset, endpoint])
}

/// Key of [`LimitName::OfframpReturn`].
pub fn offramp_return(asset: Address, endpoint: Address) -> B256 {
    derive("LIMIT_OFFRAMP_RETURN", &[asset, endpoint])
}

/// Key of [`LimitName::Erc4626Deposit`], asset first as the Diamond PAU has it.
pub fn erc4626_deposit(asset: Address, vault: Address) -> B256 {
    derive("LIMIT_4626_DEPOSIT", &[asset, vault])
}

/// Key of [`LimitName::Erc4626Withdraw`].
pub fn erc4626_withdraw(vault: Address) -> B256 {
    derive("LIMIT_4626_WITHDRAW", &[vault])
}

/// Key of [`LimitName::Erc7540Deposit`].
pub fn erc7540_deposit(asset: Address, unit: Address) -> B256 {
    derive("LIMIT_7540_DEPOSIT", &[asset, unit])
}

/// Key of [`LimitName::Erc7540Redeem`].
pub fn erc7540_redeem(unit: Address) -> B256 {
    derive("LIMIT_7540_REDEEM", &[unit])
}

/// Key of [`LimitName::LctsExit`].
pub fn lcts_exit(unit: Address) -> B256 {
    derive("LIMIT_LCTS_EXIT", &[unit])
}

/// Key of [`LimitName::LctsFundRedeem`].
pub fn lcts_fund_redeem(asset: Address, unit: Address) -> B256 {
    derive("LIMIT_LCTS_FUND_REDEEM", &[asset, unit])
}
