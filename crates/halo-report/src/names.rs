//! What rows name by number, by its name. A number that leads nowhere is shown as it is: the document may be anybody's.

use halo_sim::run::Run;

/// The Prime's slug.
pub(crate) fn prime(run: &Run, at: usize) -> String {
    run.primes.get(at).map_or_else(|| format!("Prime {at}"), |prime| prime.slug.clone())
}

/// The Unit's slug.
pub(crate) fn unit(run: &Run, at: usize) -> String {
    run.units.get(at).map_or_else(|| format!("Unit {at}"), |unit| unit.slug.clone())
}

/// The same where `None` stands for every Unit.
pub(crate) fn unit_or_all(run: &Run, at: Option<usize>) -> String {
    at.map_or_else(|| "all".to_owned(), |at| unit(run, at))
}

/// The day as people count: the first is 1.
pub(crate) fn day(at: u32) -> String {
    (u64::from(at) + 1).to_string()
}

/// A name that fits into so many letters, with an ellipsis where it did not.
pub(crate) fn clipped(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_clipped() {
        assert_eq!(clipped("spark", 5), "spark");
        assert_eq!(clipped("sparkle", 5), "spar…");
    }
}
