//! A network: the chain, the Sky contracts on it, who governs, and the Primes.

use std::{collections::BTreeSet, path::Path};

use alloy_primitives::{Address, B256, U256, keccak256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::{
    file::{self, Format},
    finding::{Checked, Finding, Result},
    prime::{Prime, PrimeTable, nearest},
    review::Review,
    signers::{Signers, SignersTable},
    source::{Source, clip},
    text::{AddressText, PrimeText, SlugText, SymbolText, Text},
};

const EMBEDDED: &str = include_str!("../../../deployments/networks/embedded.toml");
const MAINNET: &str = include_str!("../../../deployments/networks/mainnet.toml");

/// A token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Token {
    /// Its symbol, as a spec writes it.
    pub symbol: String,
    /// Its address.
    pub address: Address,
    /// Its decimals, 6 to 18.
    pub decimals: u8,
}

impl Token {
    /// Dollars of 18 decimals in its smallest unit; one token is one dollar.
    pub fn scale(&self) -> U256 {
        U256::from(10).pow(U256::from(18_u8.saturating_sub(self.decimals)))
    }

    /// Dollars of 18 decimals in its smallest units, floor. The largest number there is stands for no bound and stays.
    pub fn units(&self, dollars: U256) -> U256 {
        if dollars == U256::MAX { dollars } else { dollars / self.scale() }
    }

    /// Its smallest units as dollars of 18 decimals.
    pub fn dollars(&self, units: U256) -> U256 {
        units.saturating_mul(self.scale())
    }
}

/// A network, resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Its chain id.
    pub chain_id: u64,
    /// Whether money is at stake: placeholders are refused and limits must be sane.
    pub production: bool,
    /// The Sky contracts.
    pub sky: Sky,
    /// Who governs.
    pub governance: Governance,
    /// How the roles sign.
    #[serde(skip_serializing_if = "Signers::are_keys")]
    pub signers: Signers,
    /// Who pays for deployments, if the network says so.
    pub deployer: Option<Address>,
    /// The deterministic deployment proxy (salt, then creation code).
    pub create2: Address,
    /// The tokens that a spec may name.
    pub tokens: Vec<Token>,
    /// The Primes.
    pub primes: Vec<Prime>,
}

/// The Sky contracts that a Halo touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sky {
    /// Names to addresses.
    pub chainlog: Address,
    /// USDS.
    pub usds: Address,
    /// Savings USDS.
    pub susds: Address,
    /// DAI.
    pub dai: Address,
    /// USDC.
    pub usdc: Address,
    /// The converter between DAI and USDS.
    pub dai_usds: Address,
    /// The LitePSM of USDC, on its DAI side.
    pub lite_psm: Address,
    /// Where the LitePSM keeps its USDC.
    pub lite_psm_pocket: Address,
    /// The USDS wrapper over the LitePSM.
    pub psm_wrapper: Address,
}

/// Who governs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Governance {
    /// The Sky pause proxy: the admin of the core contracts.
    pub pause_proxy: Address,
    /// Who may suspend and deprecate at once.
    pub council: Address,
}

impl Network {
    /// The chain inside the program.
    ///
    /// # Errors
    /// None for the file that is compiled in; a test loads it.
    pub fn embedded() -> Result<Self> {
        Self::parse("embedded", EMBEDDED).map(|c| c.value)
    }

    /// Ethereum mainnet.
    ///
    /// # Errors
    /// None for the file that is compiled in; a test loads it.
    pub fn mainnet() -> Result<Self> {
        Self::parse("mainnet", MAINNET).map(|c| c.value)
    }

    /// A network that is compiled in, by name.
    pub fn named(name: &str) -> Option<Result<Self>> {
        match name {
            "embedded" => Some(Self::embedded()),
            "mainnet" => Some(Self::mainnet()),
            _ => None,
        }
    }

    /// Loads a network file.
    ///
    /// # Errors
    /// It cannot be read or is wrong.
    pub fn load(path: &Path) -> Result<Checked<Self>> {
        Self::from_source(Source::read(path)?)
    }

    /// Takes `text` for the network file called `name`.
    ///
    /// # Errors
    /// It is wrong.
    pub fn parse(name: &str, text: &str) -> Result<Checked<Self>> {
        Self::from_source(Source::from_bytes(name, text.as_bytes())?)
    }

    pub(crate) fn from_source(source: Source) -> Result<Checked<Self>> {
        file::load(source, |file: &NetworkFile, review| resolve(file, review))
    }

    /// The Prime with this slug.
    pub fn prime(&self, slug: &str) -> Option<&Prime> {
        self.primes.iter().find(|p| p.slug == slug)
    }

    /// The Prime whose ALMProxy this is.
    pub fn prime_of(&self, alm_proxy: Address) -> Option<&Prime> {
        self.primes.iter().find(|p| p.alm_proxy == alm_proxy)
    }

    /// The token with this symbol.
    pub fn token(&self, symbol: &str) -> Option<&Token> {
        self.tokens.iter().find(|t| t.symbol == symbol)
    }

    /// The Prime that a file names; one that is not there is an error at its place.
    pub(crate) fn prime_said(&self, said: &PrimeText, review: &mut Review) -> Option<&Prime> {
        let slug = said.get();
        let prime = self.prime(slug);
        if prime.is_none() {
            let help = match self.prime_like(slug) {
                Some(like) => format!("did you mean \"{like}\"?"),
                None => "add it to the network file, or name another".to_owned(),
            };
            let message = format!("the network {} has no Prime \"{}\"", self.name, clip(slug));
            review.error(said.span(), "unknown-prime", message, help);
        }
        prime
    }

    /// The slug closest to `slug`, when there is one that it may be a slip for.
    pub(crate) fn prime_like(&self, slug: &str) -> Option<&str> {
        nearest(slug, self.primes.iter().map(|p| p.slug.as_str()))
    }

    pub(crate) fn token_like(&self, symbol: &str) -> Option<&str> {
        nearest(symbol, self.tokens.iter().map(|t| t.symbol.as_str()))
    }
}

/// A network: the chain, the Sky contracts on it, who governs, and the Primes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkFile {
    /// The kind and version of this file.
    #[schemars(extend("const" = NetworkFile::FORMAT))]
    #[allow(dead_code)]
    format: String,
    /// The name of the network.
    name: SlugText,
    /// Its chain id.
    #[schemars(with = "u32")]
    chain_id: Spanned<u64>,
    /// Whether money is at stake.
    production: bool,
    /// The deterministic deployment proxy.
    create2: AddressText,
    /// Who pays for deployments.
    deployer: Option<AddressText>,
    /// The Sky contracts.
    sky: SkyTable,
    /// Who governs.
    governance: GovernanceTable,
    /// Who signs for each role, where it is no key.
    #[serde(default)]
    signers: SignersTable,
    /// The tokens that a spec may name.
    tokens: Vec<TokenTable>,
    /// The Primes.
    #[serde(default)]
    #[schemars(with = "Vec<PrimeTable>")]
    primes: Vec<Spanned<PrimeTable>>,
}

impl Format for NetworkFile {
    const FORMAT: &'static str = "halo-network/1";
}

/// The Sky contracts that a Halo touches.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SkyTable {
    /// Names to addresses.
    chainlog: AddressText,
    /// USDS.
    usds: AddressText,
    /// Savings USDS.
    susds: AddressText,
    /// DAI.
    dai: AddressText,
    /// USDC.
    usdc: AddressText,
    /// The converter between DAI and USDS.
    dai_usds: AddressText,
    /// The LitePSM of USDC, on its DAI side.
    lite_psm: AddressText,
    /// Where the LitePSM keeps its USDC.
    lite_psm_pocket: AddressText,
    /// The USDS wrapper over the LitePSM.
    psm_wrapper: AddressText,
}

/// Who governs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GovernanceTable {
    /// The Sky pause proxy: the admin of the core contracts.
    pause_proxy: AddressText,
    /// Who may suspend and deprecate at once.
    council: AddressText,
}

/// A token that a spec may name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TokenTable {
    /// Its symbol.
    symbol: SymbolText,
    /// Its address.
    address: AddressText,
    /// Its decimals, 6 to 18.
    #[schemars(with = "u8")]
    decimals: Spanned<u8>,
}

fn resolve(file: &NetworkFile, review: &mut Review) -> Network {
    let sky = Sky {
        chainlog: review.address(&file.sky.chainlog),
        usds: review.address(&file.sky.usds),
        susds: review.address(&file.sky.susds),
        dai: review.address(&file.sky.dai),
        usdc: review.address(&file.sky.usdc),
        dai_usds: review.address(&file.sky.dai_usds),
        lite_psm: review.address(&file.sky.lite_psm),
        lite_psm_pocket: review.address(&file.sky.lite_psm_pocket),
        psm_wrapper: review.address(&file.sky.psm_wrapper),
    };
    let governance = Governance {
        pause_proxy: review.address(&file.governance.pause_proxy),
        council: review.address(&file.governance.council),
    };
    let network = Network {
        name: review.slug(&file.name),
        chain_id: *file.chain_id.get_ref(),
        production: file.production,
        sky,
        governance,
        signers: file.signers.resolve(review),
        deployer: file.deployer.as_ref().map(|a| review.address(a)),
        create2: review.address(&file.create2),
        tokens: file.tokens.iter().map(|t| token(t, review)).collect(),
        primes: file.primes.iter().map(|p| p.get_ref().resolve(review)).collect(),
    };
    check(file, &network, review);
    network
}

fn token(table: &TokenTable, review: &mut Review) -> Token {
    let decimals = *table.decimals.get_ref();
    if !(6..=18).contains(&decimals) {
        review.error(
            table.decimals.span(),
            "out-of-range",
            format!("a token has 6 to 18 decimals here, not {decimals}"),
            "leave the token out: below 6 decimals amounts round visibly, above 18 they overflow",
        );
    }
    Token {
        symbol: table.symbol.get().to_owned(),
        address: review.address(&table.address),
        decimals: decimals.clamp(6, 18),
    }
}

fn check(file: &NetworkFile, network: &Network, review: &mut Review) {
    if network.chain_id == 0 {
        review.error(
            file.chain_id.span(),
            "out-of-range",
            "no chain has id 0",
            "give its chain id",
        );
    }
    let mut symbols = BTreeSet::new();
    for (table, token) in file.tokens.iter().zip(&network.tokens) {
        let symbol = &token.symbol;
        if !symbols.insert(symbol) {
            review.error(
                table.symbol.span(),
                "duplicate",
                format!("the token {symbol} is here twice"),
                "keep one of them",
            );
        }
    }
    for (what, symbol, address) in [
        ("usds", "USDS", network.sky.usds),
        ("usdc", "USDC", network.sky.usdc),
        ("susds", "sUSDS", network.sky.susds),
    ] {
        if network.token(symbol).is_none_or(|t| t.address != address) {
            review.findings.push(
                Finding::whole(
                    "token-mismatch",
                    format!("[[tokens]] has no {symbol} with the address of sky.{what}"),
                )
                .help(format!(
                    "add symbol = \"{symbol}\", address = \"{address}\" and its decimals"
                )),
            );
        }
    }
    let mut slugs = BTreeSet::new();
    let mut proxies = BTreeSet::new();
    for (table, prime) in file.primes.iter().zip(&network.primes) {
        if !slugs.insert(&prime.slug) || !proxies.insert(prime.alm_proxy) {
            review.error(
                table.span(),
                "duplicate",
                format!("the Prime {} or its ALMProxy is here twice", prime.slug),
                "keep one of them",
            );
        }
    }
}

/// The id of a Prime: keccak256 of its slug.
pub(crate) fn slug_id(slug: &str) -> B256 {
    keccak256(slug)
}
