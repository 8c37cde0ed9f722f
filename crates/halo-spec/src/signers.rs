//! Who signs for a role: a key, a Safe, a spell or a timelock, and what is needed to get at the latter three.

use alloy_primitives::Address;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::{
    review::Review,
    text::{AddressText, DurationText},
};

/// How each role of a network signs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Signers {
    /// Who pays for deployments.
    pub deployer: Signing,
    /// Sky governance: the pause proxy.
    pub governance: Signing,
    /// Holder of the factory's DEPLOYER role.
    pub govops: Signing,
    /// The Halo's SubProxy, or whoever the spec names as first admin.
    pub halo: Signing,
    /// Each Prime's SubProxy.
    pub prime: Signing,
    /// The beacons of the Class.
    pub beacon: Signing,
}

impl Signers {
    /// Whether all of them are keys.
    #[must_use]
    pub fn are_keys(&self) -> bool {
        *self == Self::default()
    }
}

/// How a role signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "means", rename_all = "kebab-case")]
pub enum Signing {
    /// A key.
    #[default]
    Key,
    /// A Safe, by signatures of its owners.
    Safe(Safe),
    /// A contract that runs spells after governance has plotted them.
    Spell(SpellRoad),
    /// A timelock, by a batch that has waited.
    Timelock(Timelock),
}

/// A Safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Safe {
    /// Its address: the account that acts.
    pub address: Address,
    /// Its version, on which its MultiSend depends.
    pub version: SafeVersion,
    /// How many owners must sign. The chain must say the same.
    pub threshold: u32,
}

/// Versions of the Safe contracts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SafeVersion {
    /// 1.3.0.
    #[serde(rename = "1.3.0")]
    V1_3_0,
    /// 1.4.1.
    #[default]
    #[serde(rename = "1.4.1")]
    V1_4_1,
}

impl SafeVersion {
    /// The version in figures, as the Safe's own `VERSION` answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_3_0 => "1.3.0",
            Self::V1_4_1 => "1.4.1",
        }
    }
}

/// The road of a spell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SpellRoad {
    /// Where the spell is plotted; `None` for the Primes' own StarGuards, and for the guard that a spec's
    /// `[halo.governance]` makes.
    pub pause: Option<Address>,
    /// What stands there.
    pub make: SpellMake,
    /// A key that may plot there. Without one a vote plots, which is watched only.
    pub plotter: Option<Address>,
}

/// The contracts in which spells wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SpellMake {
    /// Sky's pause (DSPause), which runs them as the pause proxy.
    DsPause,
    /// A HaloSpellGuard, which runs them as the Halo's SubProxy.
    HaloSpellGuard,
    /// A StarGuard, which runs them as the Prime's SubProxy.
    StarGuard,
}

/// A timelock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Timelock {
    /// Its address: the account that acts.
    pub address: Address,
    /// Whose code it is.
    pub make: TimelockMake,
    /// The least time between scheduling and execution, seconds. The chain must not say less.
    pub min_delay: u32,
    /// The key that schedules and executes; by default the deployer's.
    pub proposer: Option<Address>,
}

/// Whose code a timelock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TimelockMake {
    /// This project's BeamTimelock.
    Beam,
    /// OpenZeppelin's TimelockController.
    Openzeppelin,
}

/// Who signs for each role; a role that is not here is a key.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignersTable {
    /// Who pays for deployments.
    #[schemars(with = "Option<SigningTable>")]
    deployer: Option<Spanned<SigningTable>>,
    /// Sky governance.
    #[schemars(with = "Option<SigningTable>")]
    governance: Option<Spanned<SigningTable>>,
    /// GovOps, who calls the factory.
    #[schemars(with = "Option<SigningTable>")]
    govops: Option<Spanned<SigningTable>>,
    /// The Halo.
    #[schemars(with = "Option<SigningTable>")]
    halo: Option<Spanned<SigningTable>>,
    /// The Primes.
    #[schemars(with = "Option<SigningTable>")]
    prime: Option<Spanned<SigningTable>>,
    /// The beacons.
    #[schemars(with = "Option<SigningTable>")]
    beacon: Option<Spanned<SigningTable>>,
}

/// How a role signs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SigningTable {
    /// By what.
    means: MeansWord,
    /// safe, timelock: its address.
    address: Option<AddressText>,
    /// safe: the version of its contracts.
    version: Option<SafeVersion>,
    /// safe: how many owners must sign.
    #[schemars(with = "Option<u32>")]
    threshold: Option<Spanned<u32>>,
    /// spell: where it is plotted. Not for Primes, and not for a Halo whose guard the spec has made.
    pause: Option<AddressText>,
    /// spell: what stands there.
    through: Option<SpellMake>,
    /// spell: a key that may plot, where no vote does.
    plotter: Option<AddressText>,
    /// timelock: whose code it is.
    make: Option<TimelockMake>,
    /// timelock: the least time between scheduling and execution.
    min_delay: Option<DurationText>,
    /// timelock: the key that schedules and executes.
    proposer: Option<AddressText>,
}

/// By what a role signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum MeansWord {
    /// A key.
    Key,
    /// A Safe.
    Safe,
    /// A spell.
    Spell,
    /// A timelock.
    Timelock,
}

impl MeansWord {
    const fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Safe => "safe",
            Self::Spell => "spell",
            Self::Timelock => "timelock",
        }
    }
}

impl SignersTable {
    pub(crate) fn resolve(&self, review: &mut Review) -> Signers {
        let mut one = |role: &str, table: &Option<Spanned<SigningTable>>| {
            table.as_ref().map_or(Signing::Key, |table| resolve(role, table, review))
        };
        Signers {
            deployer: one("deployer", &self.deployer),
            governance: one("governance", &self.governance),
            govops: one("govops", &self.govops),
            halo: one("halo", &self.halo),
            prime: one("prime", &self.prime),
            beacon: one("beacon", &self.beacon),
        }
    }
}

fn resolve(role: &str, table: &Spanned<SigningTable>, review: &mut Review) -> Signing {
    let (span, said) = (table.span(), table.get_ref());
    let SigningTable { means, address, version, threshold, .. } = said;
    let SigningTable { pause, through, plotter, make, min_delay, proposer, .. } = said;
    use MeansWord::{Safe as S, Spell as P, Timelock as T};
    for (key, given, of) in [
        ("address", address.is_some(), &[S, T][..]),
        ("version", version.is_some(), &[S]),
        ("threshold", threshold.is_some(), &[S]),
        ("pause", pause.is_some(), &[P]),
        ("through", through.is_some(), &[P]),
        ("plotter", plotter.is_some(), &[P]),
        ("make", make.is_some(), &[T]),
        ("min_delay", min_delay.is_some(), &[T]),
        ("proposer", proposer.is_some(), &[T]),
    ] {
        if given && !of.contains(means) {
            let message =
                format!("`{key}` says nothing of a signer whose means is {}", means.word());
            review.error(span.clone(), "useless-key", message, "take it out, or change `means`");
        }
    }
    let is_deployment = matches!(role, "deployer" | "beacon");
    if is_deployment && *means != MeansWord::Key {
        review.error(
            span,
            "bad-signer",
            format!("the {role} signs by a key: it sends by itself and in a row"),
            "set means = \"key\", or leave the table out",
        );
        return Signing::Key;
    }
    let mut missing = |key: &str, example: &str| {
        review.error(
            span.clone(),
            "missing-key",
            format!("the {role} signs by a {}, which needs `{key}`", means.word()),
            format!("add {key} = {example}"),
        );
    };
    let an_address = "\"0x…\", with its checksum";
    match means {
        MeansWord::Key => Signing::Key,
        MeansWord::Safe => {
            if address.is_none() {
                missing("address", an_address);
            }
            if threshold.is_none() {
                missing("threshold", "the number of owners that must sign");
            }
            if let Some(none) = threshold.as_ref().filter(|one| *one.get_ref() == 0) {
                review.error(
                    none.span(),
                    "out-of-range",
                    "a Safe that needs no signature is anybody's",
                    "give its `getThreshold()`",
                );
            }
            Signing::Safe(Safe {
                address: address.as_ref().map(|at| review.address(at)).unwrap_or_default(),
                version: version.unwrap_or_default(),
                threshold: threshold.as_ref().map(|one| *one.get_ref()).unwrap_or_default(),
            })
        }
        MeansWord::Spell => {
            let own_guards = role == "prime";
            if through.is_none() {
                missing("through", "\"ds-pause\", \"halo-spell-guard\" or \"star-guard\"");
            }
            // A Halo's guard may be one that the spec has made.
            let is_made = role == "halo" && *through == Some(SpellMake::HaloSpellGuard);
            if pause.is_none() && !own_guards && !is_made {
                missing("pause", an_address);
            }
            if own_guards
                && (pause.is_some() || through.is_some_and(|it| it != SpellMake::StarGuard))
            {
                review.error(
                    span,
                    "bad-signer",
                    "each Prime's spells wait in its own StarGuard",
                    "set through = \"star-guard\" and leave `pause` out: [[primes]] has `star_guard`",
                );
            }
            Signing::Spell(SpellRoad {
                pause: pause.as_ref().map(|at| review.address(at)),
                make: through.unwrap_or(SpellMake::DsPause),
                plotter: plotter.as_ref().map(|at| review.address(at)),
            })
        }
        MeansWord::Timelock => {
            if address.is_none() {
                missing("address", an_address);
            }
            if make.is_none() {
                missing("make", "\"beam\" or \"openzeppelin\"");
            }
            if min_delay.is_none() {
                missing("min_delay", "\"2 days\"");
            }
            Signing::Timelock(Timelock {
                address: address.as_ref().map(|at| review.address(at)).unwrap_or_default(),
                make: make.unwrap_or(TimelockMake::Beam),
                min_delay: min_delay.as_ref().map(|it| review.duration(it)).unwrap_or_default(),
                proposer: proposer.as_ref().map(|at| review.address(at)),
            })
        }
    }
}
