//! A Prime: where its Parallelized Allocation Unit stands and who operates it.

use std::path::Path;

use alloy_primitives::{Address, B256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    file::{self, Format},
    finding::{Checked, Result},
    network::slug_id,
    review::Review,
    source::Source,
    text::{AddressText, NameText, SlugText},
};

/// A Prime, resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Prime {
    /// Its short name.
    pub slug: String,
    /// keccak256 of the slug.
    pub id: B256,
    /// Its name.
    pub name: String,
    /// The ilk of its allocator vault.
    pub ilk: String,
    /// The proxy that its governance acts through: admin of its PAU.
    pub sub_proxy: Address,
    /// Where its spells are plotted.
    pub star_guard: Option<Address>,
    /// The contract that holds its funds and enters Units.
    pub alm_proxy: Address,
    /// Its rate limits.
    pub rate_limits: Option<Address>,
    /// Its controller.
    pub controller: Option<Address>,
    /// Its access list.
    pub access_controls: Option<Address>,
    /// Its allocator vault, which draws USDS.
    pub vault: Address,
    /// The buffer that drawn USDS lands in.
    pub buffer: Address,
    /// Who operates it.
    pub relayer: Option<Address>,
    /// Who may stop the operator.
    pub freezer: Option<Address>,
}

impl Prime {
    /// Loads a Prime file.
    ///
    /// # Errors
    /// It cannot be read or is wrong.
    pub fn load(path: &Path) -> Result<Checked<Self>> {
        Self::from_source(Source::read(path)?)
    }

    /// Takes `text` for the Prime file called `name`.
    ///
    /// # Errors
    /// It is wrong.
    pub fn parse(name: &str, text: &str) -> Result<Checked<Self>> {
        Self::from_source(Source::from_bytes(name, text.as_bytes())?)
    }

    pub(crate) fn from_source(source: Source) -> Result<Checked<Self>> {
        file::load(source, |file: &PrimeFile, review| file.prime.resolve(review))
    }
}

/// A Prime on its own, to be added to a network.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrimeFile {
    /// The kind and version of this file.
    #[schemars(extend("const" = PrimeFile::FORMAT))]
    #[allow(dead_code)]
    format: String,
    /// The Prime.
    prime: PrimeTable,
}

impl Format for PrimeFile {
    const FORMAT: &'static str = "halo-prime/1";
}

/// A Prime: where its Parallelized Allocation Unit stands and who operates it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrimeTable {
    /// Its short name, by which specs and scenarios call it.
    pub(crate) slug: SlugText,
    /// Its name.
    name: NameText,
    /// The ilk of its allocator vault.
    ilk: NameText,
    /// The proxy that its governance acts through: admin of its PAU.
    sub_proxy: AddressText,
    /// Where its spells are plotted.
    star_guard: Option<AddressText>,
    /// The contract that holds its funds and enters Units.
    alm_proxy: AddressText,
    /// Its rate limits.
    rate_limits: Option<AddressText>,
    /// Its controller.
    controller: Option<AddressText>,
    /// Its access list. The Configurator needs it.
    access_controls: Option<AddressText>,
    /// Its allocator vault, which draws USDS.
    vault: AddressText,
    /// The buffer that drawn USDS lands in.
    buffer: AddressText,
    /// Who operates it.
    relayer: Option<AddressText>,
    /// Who may stop the operator.
    freezer: Option<AddressText>,
}

impl PrimeTable {
    pub(crate) fn resolve(&self, review: &mut Review) -> Prime {
        let slug = review.slug(&self.slug);
        let mut maybe = |a: &Option<AddressText>| a.as_ref().map(|a| review.address(a));
        let (star_guard, rate_limits) = (maybe(&self.star_guard), maybe(&self.rate_limits));
        let (controller, relayer) = (maybe(&self.controller), maybe(&self.relayer));
        let (freezer, access_controls) = (maybe(&self.freezer), maybe(&self.access_controls));
        let prime = Prime {
            id: slug_id(&slug),
            slug,
            name: review.name(&self.name),
            ilk: review.name(&self.ilk),
            sub_proxy: review.address(&self.sub_proxy),
            star_guard,
            alm_proxy: review.address(&self.alm_proxy),
            rate_limits,
            controller,
            access_controls,
            vault: review.address(&self.vault),
            buffer: review.address(&self.buffer),
            relayer,
            freezer,
        };
        if let (Some(text), true) = (&self.freezer, freezer.is_some() && freezer == relayer) {
            use crate::text::Text;
            review.error(
                text.span(),
                "conflicting-roles",
                "the freezer of a Prime is its relayer",
                "give another freezer: it exists to stop the relayer",
            );
        }
        prime
    }
}

/// The candidate that `word` may be a slip for.
pub(crate) fn nearest<'a>(word: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    among
        .map(|candidate| {
            (strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase()), candidate)
        })
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
