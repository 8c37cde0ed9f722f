//! The file in which a rehearsal declares what it takes as given.

use super::Assumptions;
use alloy_primitives::{Address, B256, U256, keccak256};
use halo_chain::{Alloc, Labels};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::Arc};

const FORMAT: &str = "halo-assumptions/1";

/// What the words of a file stand for.
#[derive(Debug, Clone, Default)]
pub struct Names {
    words: BTreeMap<String, Vec<Address>>,
    stand_ins: Alloc,
}

/// Why a file declares nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssumeError {
    /// The TOML is not of this kind.
    #[error("this is not a file of assumptions: {0}")]
    Toml(String),
    /// Another format.
    #[error("its format is {found:?}; this program reads {FORMAT:?}")]
    Format {
        /// In the file.
        found: String,
    },
    /// A word that is neither an address nor one of those that stand for some.
    #[error("{word:?} is no address, and none of the words that stand for some: {known}")]
    Word {
        /// In the file.
        word: String,
        /// The words that there are.
        known: String,
    },
    /// Nothing can stand in for it.
    #[error("there is no stand-in for {0}: the made-up chain has no account there")]
    NoStandIn(Address),
    /// A rule names no slot, or too many.
    #[error("a [[slot]] of {0} needs either `slot`, or `mapping` with `keys`")]
    NoSlot(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    #[serde(default)]
    absent: Vec<Accounts>,
    #[serde(default, rename = "stand-in")]
    stand_in: Vec<Accounts>,
    #[serde(default)]
    slot: Vec<SlotRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accounts {
    accounts: Vec<String>,
    because: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SlotRule {
    account: String,
    slot: Option<Word>,
    /// The slot of a mapping, as Solidity lays it out.
    mapping: Option<Word>,
    /// Its keys: one list for each level.
    #[serde(default)]
    keys: Vec<Vec<String>>,
    value: Word,
    because: String,
}

/// A number, or the text of one that TOML has no room for.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Word {
    Small(u64),
    Large(U256),
}

impl From<Word> for U256 {
    fn from(word: Word) -> Self {
        match word {
            Word::Small(small) => Self::from(small),
            Word::Large(large) => large,
        }
    }
}

impl Assumptions {
    /// Reads a file of assumptions (TOML).
    ///
    /// # Errors
    /// When it is something else, or names what is not there.
    pub fn parse(text: &str, names: &Names) -> Result<Self, AssumeError> {
        let file: File =
            toml::from_str(text).map_err(|fault| AssumeError::Toml(plain(&fault.to_string())))?;
        if file.format != FORMAT {
            return Err(AssumeError::Format { found: file.format });
        }
        let mut given = Self::default();
        for Accounts { accounts, because } in file.absent {
            let because: Arc<str> = plain(&because).into();
            for at in names.all(&accounts)? {
                given.absent(at, because.clone());
            }
        }
        for Accounts { accounts, because } in file.stand_in {
            let because: Arc<str> = plain(&because).into();
            for at in names.all(&accounts)? {
                let account = names.stand_ins.0.get(&at).ok_or(AssumeError::NoStandIn(at))?;
                given.stand_in(at, account.clone(), because.clone());
            }
        }
        for rule in file.slot {
            let because: Arc<str> = plain(&rule.because).into();
            for at in names.of(&rule.account)? {
                for slot in rule.slots(names)? {
                    given.slot(at, slot, rule.value.into(), because.clone());
                }
            }
        }
        Ok(given)
    }
}

/// Text of a file, without what a terminal would obey.
fn plain(text: &str) -> String {
    let is_obeyed = |c: char| c.is_control() && c != '\n';
    text.chars().map(|c| if is_obeyed(c) { '\u{FFFD}' } else { c }).collect()
}

impl SlotRule {
    fn slots(&self, names: &Names) -> Result<Vec<U256>, AssumeError> {
        let base: U256 = match (self.slot, self.mapping, self.keys.is_empty()) {
            (Some(slot), None, true) => return Ok(vec![slot.into()]),
            (None, Some(base), false) => base.into(),
            _ => return Err(AssumeError::NoSlot(self.account.clone())),
        };
        let mut slots = vec![B256::from(base)];
        for level in &self.keys {
            let keys = names.all(level)?;
            let below = slots.iter().flat_map(|slot| {
                keys.iter().map(|key| keccak256([key.into_word().0, slot.0].concat()))
            });
            slots = below.collect();
        }
        Ok(slots.into_iter().map(Into::into).collect())
    }
}

impl Names {
    /// A network's names for its contracts, and the accounts that may stand in for those of the chain.
    pub fn new(labels: &Labels, stand_ins: Alloc) -> Self {
        let words = labels.iter().map(|(address, name)| (name.to_owned(), vec![address])).collect();
        Self { words, stand_ins }
    }

    /// Lets a word stand for several addresses, such as "created" for every contract that a plan makes.
    #[must_use]
    pub fn with(mut self, word: &str, addresses: impl IntoIterator<Item = Address>) -> Self {
        self.words.insert(word.to_owned(), addresses.into_iter().collect());
        self
    }

    /// Lets `created` stand for every contract that is in `after`, but has no stand-in: what a plan makes, also on the
    /// way, when it is carried out on the made-up chain.
    #[must_use]
    pub fn with_created(self, after: &Alloc) -> Self {
        let is_new = |at: &Address| !self.stand_ins.0.contains_key(at);
        let contracts =
            after.0.iter().filter(|(at, account)| is_new(at) && !account.code.is_empty());
        let created: Vec<Address> = contracts.map(|(at, _)| *at).collect();
        self.with("created", created)
    }

    fn all(&self, words: &[String]) -> Result<Vec<Address>, AssumeError> {
        let all: Vec<Vec<Address>> =
            words.iter().map(|word| self.of(word)).collect::<Result<_, _>>()?;
        Ok(all.concat())
    }

    fn of(&self, word: &str) -> Result<Vec<Address>, AssumeError> {
        if let Some(group) = self.words.get(word) {
            return Ok(group.clone());
        }
        word.parse().map(|at| vec![at]).map_err(|_| AssumeError::Word {
            word: plain(word).chars().take(60).collect(),
            known: self.words.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }
}
