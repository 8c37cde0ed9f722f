use std::collections::BTreeMap;

use alloy_primitives::{Address, B256, U256};

use crate::{Error, Result};

/// What a person decides about a spell, beside the spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The Unit, by slug; by default the first of its Class.
    pub unit: Option<String>,
    /// The caps that a CapChange sets.
    pub caps: Caps,
    /// The template that a TemplateApproval approves, by name.
    pub template: Option<String>,
    /// Who may set the Class's limits within its inits; by default those that the spec names.
    pub gov_ops: Option<Address>,
    /// The text that the spell's artifact edit puts in force; by default the one in force, with which the edit says only
    /// that nothing else was put there since the review.
    pub document: Option<Document>,
    /// The Prime that a SecondController is for, by slug; by default the one above the Halo.
    pub prime: Option<String>,
    /// Until when a migration may move value, unix seconds.
    pub deadline: Option<u64>,
    /// For each Unit of a migrating Class, by slug, the Unit of another Class whose shares its holders get. A Unit without
    /// one must be worth nothing.
    pub targets: BTreeMap<String, Address>,
}

impl Terms {
    pub(crate) fn template_name(&self) -> Result<&str> {
        self.template.as_deref().ok_or_else(|| Error::Terms {
            what: "no template is named".to_owned(),
            remedy: "name one with --template; `halo templates list` has them all".to_owned(),
        })
    }
}

/// New caps of a Unit, asset units; what is not given stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// The largest size.
    pub cap: Option<U256>,
    /// The most that one settlement takes in; `U256::MAX` means unlimited.
    pub epoch_subscribe: Option<U256>,
    /// The most that one settlement pays out; `U256::MAX` means unlimited.
    pub epoch_redeem: Option<U256>,
}

/// A text that an artifact puts in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// keccak-256 of its bytes.
    pub hash: B256,
    /// Where it is published, at most 256 bytes.
    pub uri: String,
}
