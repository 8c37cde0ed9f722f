//! The order of losses: which Unit stands where, and whether the order holds together.

use super::{
    file::{BookMode, ClassFile, Seniority},
    spec::{ClassSpec, UnitSpec},
};
use crate::{quantity::amount, review::Review};

/// A tranche book holds so many Units.
const TRANCHES: std::ops::RangeInclusive<usize> = 2..=4;
const BPS: u64 = 10_000;

/// Numbers the Units from the equity, 0, upwards without a gap. Of two mezzanine Units the first in the file takes
/// losses first.
pub(super) fn number(mode: BookMode, units: &mut [UnitSpec]) {
    if mode == BookMode::PariPassu {
        return;
    }
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|i| units.get(*i).map(|unit| unit.seniority));
    for (tranche, i) in order.into_iter().enumerate() {
        if let Some(unit) = units.get_mut(i) {
            unit.tranche = u8::try_from(tranche).unwrap_or(u8::MAX);
        }
    }
}

pub(super) fn check(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    match spec.book.mode {
        BookMode::PariPassu => unordered(file, spec, review),
        BookMode::SeniorJunior => ordered(file, spec, review),
    }
}

fn unordered(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    for (table, unit) in file.units.iter().zip(&spec.units) {
        if unit.seniority != Seniority::Single {
            review.error(
                table.get_ref().seniority.span(),
                "seniority",
                "in a pari-passu book no Unit is junior or senior to another",
                "write seniority = \"single\", or mode = \"senior-junior\" in [book]",
            );
        }
    }
}

fn ordered(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    let count = spec.units.len();
    if !TRANCHES.contains(&count) {
        review.error(
            file.book.mode.span(),
            "tranches",
            format!("a senior-junior book has 2 to 4 Units, and this Class has {count}"),
            "write mode = \"pari-passu\" for a single Unit",
        );
    }
    let mut taken = Vec::new();
    for (table, unit) in file.units.iter().zip(&spec.units) {
        let span = table.get_ref().seniority.span();
        match unit.seniority {
            Seniority::Single => review.error(
                span,
                "seniority",
                "\"single\" stands in no order, and this book has one",
                "write junior, mezzanine or senior",
            ),
            Seniority::Junior | Seniority::Senior if taken.contains(&unit.seniority) => review
                .error(
                    span,
                    "duplicate",
                    "two Units have this place in the order of losses",
                    "a book has one junior and at most one senior Unit; between them are mezzanines",
                ),
            other => taken.push(other),
        }
    }
    if !taken.contains(&Seniority::Junior)
        && let Some(first) = file.units.first()
    {
        review.error(
            first.get_ref().seniority.span(),
            "no-equity",
            "no Unit takes losses first, and a book needs exactly one that does",
            "make one Unit \"junior\"",
        );
    }
    cover(file, spec, review);
}

/// Each Unit needs its part of all that is not above it to be junior to it, so the caps below it bound its size.
fn cover(file: &ClassFile, spec: &ClassSpec, review: &mut Review) {
    for (table, unit) in file.units.iter().zip(&spec.units) {
        let bps = u64::from(unit.min_cover_bps);
        if unit.tranche == 0 || bps == 0 || bps >= BPS {
            continue;
        }
        let below = spec.units.iter().filter(|other| other.tranche < unit.tranche);
        let junior =
            below.fold(alloy_primitives::U256::ZERO, |sum, other| sum.saturating_add(other.cap));
        let [kept, covered] = [bps, BPS - bps].map(alloy_primitives::U256::from);
        let reachable = junior.saturating_mul(covered) / kept;
        if reachable < unit.cap {
            let terms = &table.get_ref().capacity;
            review.warn(
                crate::text::Text::span(&terms.cap),
                "cap-beyond-cover",
                format!(
                    "with every Unit below it full, the cover lets this one grow to {} only",
                    amount::format(reachable, &spec.asset)
                ),
                "raise the caps below it, lower its `min_cover`, or lower this cap",
            );
        }
    }
}
