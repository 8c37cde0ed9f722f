use serde::{Deserialize, Serialize};

/// How a template comes to be on a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The factory holds the creation code in data contracts and creates each instance with CREATE2.
    Blob,
    /// One implementation on the chain; each instance is an ERC-1167 minimal proxy to it.
    Clone,
    /// One instance per chain, called by Controllers through their wiring.
    Facet,
    /// Created one by one with constructor arguments, not by the factory: once per chain, or by a Prime for its PAU.
    Singleton,
    /// A stand-in for a Sky contract, for the embedded chain and tests.
    Fixture,
    /// A call surface: an ABI without code.
    Interface,
}

impl Kind {
    /// Whether `halo` may put this on a real chain.
    pub const fn is_deployable(self) -> bool {
        !matches!(self, Self::Fixture | Self::Interface)
    }

    /// Whether there is bytecode at all.
    pub const fn has_code(self) -> bool {
        !matches!(self, Self::Interface)
    }

    /// The word for it in `templates.lock` and on the terminal.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blob => "blob",
            Self::Clone => "clone",
            Self::Facet => "facet",
            Self::Singleton => "singleton",
            Self::Fixture => "fixture",
            Self::Interface => "interface",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
