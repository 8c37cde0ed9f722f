//! Specs to start from, with their documents: the examples of this repository, compiled in.

use std::{collections::BTreeMap, io};

use crate::document::Documents;

macro_rules! document {
    ($name:literal) => {
        (
            concat!("artifacts/", $name),
            include_str!(concat!("../../../deployments/specs/artifacts/", $name)),
        )
    };
}

/// A spec to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    /// One Unit over Treasury bills, in USDS.
    Tbill,
    /// One Unit over a money market fund, in USDC with its 6 decimals.
    Mmf,
    /// A senior and a junior Unit over loans, in USDS.
    Clo,
}

impl Starter {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tbill, Self::Mmf, Self::Clo];

    /// Its word on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tbill => "tbill",
            Self::Mmf => "mmf",
            Self::Clo => "clo",
        }
    }

    /// The one with this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The text of the spec, with a comment for each part.
    pub fn spec(self) -> &'static str {
        match self {
            Self::Tbill => include_str!("../../../deployments/specs/tbill.toml"),
            Self::Mmf => include_str!("../../../deployments/specs/mmf.toml"),
            Self::Clo => include_str!("../../../deployments/specs/clo.toml"),
        }
    }

    /// The documents that it names: path relative to the spec, and text.
    pub fn documents(self) -> BTreeMap<&'static str, &'static str> {
        let shared = [document!("halo.md"), document!("lpha-lcts.md")];
        let own: &[(&str, &str)] = match self {
            Self::Tbill => &[
                document!("tbill.md"),
                document!("tbill-legal-frame.md"),
                document!("tbill-unit.md"),
                document!("custodian.md"),
            ],
            Self::Mmf => &[
                document!("mmf.md"),
                document!("mmf-legal-frame.md"),
                document!("mmf-unit.md"),
                document!("transfer-agent.md"),
            ],
            Self::Clo => &[
                document!("clo.md"),
                document!("clo-legal-frame.md"),
                document!("custodian.md"),
                document!("clo-senior-unit.md"),
                document!("clo-junior-unit.md"),
            ],
        };
        shared.into_iter().chain(own.iter().copied()).collect()
    }
}

impl Documents for Starter {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.documents()
            .get(path)
            .map(|text| text.as_bytes().to_vec())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
