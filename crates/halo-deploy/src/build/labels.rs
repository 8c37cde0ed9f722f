//! What rate limit keys stand for, in words.

use alloy_primitives::Address;
use halo_spec::LimitName;

use super::Context;

/// A limit's name with what it is about: `LIMIT_LCTS_FUND_REDEEM(USDS, senior)`.
pub(crate) fn limit(context: &Context<'_>, name: &LimitName, unit: Option<&str>) -> String {
    let named = |address: Address| account(context, address);
    let asset = &context.spec.asset.symbol;
    let unit = unit.unwrap_or("no Unit");
    match *name {
        LimitName::UsdsMint => "LIMIT_USDS_MINT".to_owned(),
        LimitName::UsdsToUsdc => "LIMIT_USDS_TO_USDC".to_owned(),
        LimitName::AssetTransfer { asset, destination } => {
            format!("LIMIT_ASSET_TRANSFER({}, {})", named(asset), named(destination))
        }
        LimitName::OfframpSend { asset, endpoint } => {
            format!("LIMIT_OFFRAMP_SEND({}, {})", named(asset), named(endpoint))
        }
        LimitName::OfframpReturn { asset, endpoint } => {
            format!("LIMIT_OFFRAMP_RETURN({}, {})", named(asset), named(endpoint))
        }
        LimitName::Erc4626Deposit { asset, vault } => {
            format!("LIMIT_4626_DEPOSIT({}, {})", named(asset), named(vault))
        }
        LimitName::Erc4626Withdraw { vault } => format!("LIMIT_4626_WITHDRAW({})", named(vault)),
        LimitName::Erc7540Deposit => format!("LIMIT_7540_DEPOSIT({asset}, {unit})"),
        LimitName::Erc7540Redeem => format!("LIMIT_7540_REDEEM({unit})"),
        LimitName::LctsExit => format!("LIMIT_LCTS_EXIT({unit})"),
        LimitName::LctsFundRedeem => format!("LIMIT_LCTS_FUND_REDEEM({asset}, {unit})"),
    }
}

/// A limit's name as a part of a step's id.
pub(crate) fn step(name: &LimitName) -> &'static str {
    match name {
        LimitName::UsdsMint => "usds-mint",
        LimitName::UsdsToUsdc => "usds-to-usdc",
        LimitName::AssetTransfer { .. } => "asset-transfer",
        LimitName::OfframpSend { .. } => "offramp-send",
        LimitName::OfframpReturn { .. } => "offramp-return",
        LimitName::Erc4626Deposit { .. } => "erc4626-deposit",
        LimitName::Erc4626Withdraw { .. } => "erc4626-withdraw",
        LimitName::Erc7540Deposit => "erc7540-deposit",
        LimitName::Erc7540Redeem => "erc7540-redeem",
        LimitName::LctsExit => "lcts-exit",
        LimitName::LctsFundRedeem => "lcts-fund-redeem",
    }
}

/// The same with what it is about, where a Class has more than one of the kind.
pub(crate) fn place(context: &Context<'_>, name: &LimitName) -> String {
    let step = step(name);
    match *name {
        LimitName::OfframpSend { asset, endpoint }
        | LimitName::OfframpReturn { asset, endpoint } => {
            format!("{step}/{}/{}", account(context, asset), account(context, endpoint))
        }
        _ => step.to_owned(),
    }
}

/// An address by the name that spec or network give it.
fn account(context: &Context<'_>, address: Address) -> String {
    let token = context.network.tokens.iter().find(|token| token.address == address);
    let endpoint = context.spec.endpoints.iter().find(|endpoint| endpoint.address == address);
    token
        .map(|token| token.symbol.clone())
        .or_else(|| endpoint.map(|endpoint| endpoint.name.clone()))
        .unwrap_or_else(|| address.to_string())
}
