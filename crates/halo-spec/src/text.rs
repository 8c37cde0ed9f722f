//! The kinds of text that a file holds. Each keeps its place and is parsed later, when what it
//! depends on (the decimals of the asset, the Primes of the network) is known.

use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

/// Text with its place in the file.
pub(crate) trait Text {
    fn get(&self) -> &str;
    fn span(&self) -> Range<usize>;
}

macro_rules! text_kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $title:literal, $example:literal, $pattern:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub(crate) struct $name(Spanned<String>);

        impl Text for $name {
            fn get(&self) -> &str {
                self.0.get_ref()
            }
            fn span(&self) -> Range<usize> {
                self.0.span()
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                Spanned::deserialize(d).map(Self)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "title": $title,
                    "description": concat!($($doc),+).trim(),
                    "examples": [$example],
                    "pattern": $pattern,
                })
            }
        }
    )+};
}

text_kinds! {
    /// An amount of a token, exact, with its symbol. Underscores may group digits.
    AmountText = "an amount with its token", "50_000_000 USDS", r"^[0-9][0-9_]*(\.[0-9]+)? *[A-Za-z][A-Za-z0-9.-]*$";
    /// An amount of a token with its symbol, or `unlimited`.
    AmountOrUnlimitedText = "an amount with its token, or unlimited", "50_000_000 USDS", r"^(unlimited|[0-9][0-9_]*(\.[0-9]+)? *[A-Za-z][A-Za-z0-9.-]*)$";
    /// An amount of Unit shares; shares always have 18 decimals.
    SharesText = "an amount of shares", "1_000 shares", r"^[0-9][0-9_]*(\.[0-9]+)? *[A-Za-z][A-Za-z0-9.-]*$";
    /// An amount of a token per second, minute, hour or day. Stored per second, rounded down.
    RateText = "an amount per time", "20_000_000 USDS / day", r"^[0-9][0-9_]*(\.[0-9]+)? *[A-Za-z][A-Za-z0-9.-]* */ *(second|minute|hour|day)$";
    /// A part of a whole, in percent or basis points.
    ShareText = "a percentage or basis points", "3.64 %", r"^[0-9]+(\.[0-9]{1,2})? *%$|^[0-9]+ *bps$";
    /// A part of a whole per day, in percent or basis points.
    SharePerDayText = "a percentage or basis points per day", "5 bps / day", r"^([0-9]+(\.[0-9]{1,2})? *%|[0-9]+ *bps) */ *day$";
    /// A length of time.
    DurationText = "a length of time", "20 h", r"^[0-9]+ *(s|min|h|days?)$";
    /// A time of day in UTC.
    TimeText = "a time of day in UTC", "13:00", r"^[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?( UTC)?$";
    /// A moment in UTC.
    InstantText = "a moment in UTC", "2026-03-02T09:00:00Z", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$";
    /// A day in UTC.
    DateText = "a day in UTC", "2026-12-25", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
    /// What must come of a run.
    ExpectText = "an expectation", "day1_inflow >= \"300_000_000 USDS\"", r"^[a-z][a-z0-9_]*.*$";
    /// An address with its EIP-55 checksum.
    AddressText = "an address with its checksum", "0xdC035D45d973E3EC169d2276DDab16f1e407384F", r"^0x[0-9a-fA-F]{40}$";
    /// The slug of a Prime of the network, or the address of an ALMProxy.
    EntrantText = "the slug of a Prime, or an address", "spark", r"^(0x[0-9a-fA-F]{40}|[a-z0-9]+(-[a-z0-9]+)*)$";
    /// A short name for identifiers and file names: lower-case letters, digits, single hyphens.
    SlugText = "a slug", "tbill", r"^[a-z0-9]+(-[a-z0-9]+)*$";
    /// The slug of a Prime of the network.
    PrimeText = "the slug of a Prime", "spark", r"^[a-z0-9]+(-[a-z0-9]+)*$";
    /// A name for people, up to 64 printable ASCII characters.
    NameText = "a name", "Meridian T-Bill Unit", r"^[ -~]{1,64}$";
    /// The symbol of a token.
    SymbolText = "the symbol of a token", "USDS", r"^[A-Za-z0-9.-]{1,12}$";
    /// Any short text; it is hashed.
    SaltText = "a text", "second attempt", r"^[ -~]{1,64}$";
    /// The path of a document, relative to this file. Its keccak256 is what goes on chain.
    FileText = "the path of a document, relative to this file", "artifacts/tbill.md", r"^[^/].*$";
    /// A Unit of a scenario, by the slugs of its Class and its own.
    UnitText = "a Unit of this scenario, as class/unit", "tbill/bills", r"^[a-z0-9-]+/[a-z0-9-]+$";
    /// Where a document can be fetched, at most 256 bytes.
    UriText = "a URI", "https://example.org/tbill.md", r"^[a-z][a-z0-9+.-]*:.+$";
}
