//! How far limits may move without a vote: what GovOps may do through the Configurator.

use alloy_primitives::Address;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::spec::ClassSpec;
use crate::{
    review::Review,
    text::{AddressText, DurationText, ShareText, Text},
};

const HOUR: u32 = 3_600;
/// From an increase that a vote would be as fast as, to one that a stolen key could repeat in a night.
const HOP: std::ops::RangeInclusive<u32> = HOUR..=30 * 24 * HOUR;
const USUAL_HOP: u32 = 18 * HOUR;
const USUAL_CHANGE_BPS: u16 = 2_500;

/// What GovOps may do through the Configurator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Configurator {
    /// Who may, in the order of the file.
    pub gov_ops: Vec<Address>,
    /// The least time between two increases of a limit, seconds.
    pub hop: u32,
    /// The most that one increase adds, basis points.
    pub max_change_bps: u16,
}

/// The Configurator's rules as they are written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfiguratorTable {
    /// Who may raise and lower limits: GovOps.
    #[schemars(with = "Vec<AddressText>")]
    pub(crate) gov_ops: Spanned<Vec<AddressText>>,
    /// The least time between two increases of a limit.
    hop: DurationText,
    /// The most that one increase adds to what is there.
    max_change: ShareText,
}

pub(super) fn resolve(table: &ConfiguratorTable, review: &mut Review) -> Configurator {
    Configurator {
        gov_ops: review.addresses(table.gov_ops.get_ref()),
        hop: review.duration(&table.hop),
        max_change_bps: review.share(&table.max_change),
    }
}

pub(super) fn check(table: &ConfiguratorTable, spec: &ClassSpec, review: &mut Review) {
    let Some(rules) = &spec.configurator else { return };
    if rules.gov_ops.is_empty() {
        review.error(
            table.gov_ops.span(),
            "missing-role",
            "nobody may use the Configurator",
            "name GovOps, or leave out [configurator]",
        );
    }
    if !HOP.contains(&rules.hop) {
        review.error(
            table.hop.span(),
            "out-of-range",
            "the time between two increases must be from 1 h to 30 days",
            "18 h is usual: one increase a day",
        );
    } else if rules.hop < USUAL_HOP {
        review.warn(
            table.hop.span(),
            "fast-hop",
            "a stolen key could raise a limit more than once a day",
            "18 h is usual",
        );
    }
    if rules.max_change_bps == 0 {
        review.error(
            table.max_change.span(),
            "out-of-range",
            "no limit could ever be raised",
            "25 % is usual; without increases leave out [configurator]",
        );
    } else if rules.max_change_bps > USUAL_CHANGE_BPS {
        review.warn(
            table.max_change.span(),
            "large-change",
            "one increase may add more than a quarter of a limit",
            "25 % is usual",
        );
    }
}
