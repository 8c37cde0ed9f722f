//! All chance of a run: one generator for each question, so that what one agent draws changes nothing for another.

use alloy_primitives::keccak256;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// A stream of draws that depends on the run's seed, a name and a day alone.
#[derive(Debug)]
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of `name` on `day`.
    pub(crate) fn new(seed: u64, name: &str, day: u32) -> Self {
        Self(ChaCha8Rng::from_seed(keccak256(format!("{seed}/{name}/{day}")).0))
    }

    /// Whether something of so many basis points happens.
    pub(crate) fn happens(&mut self, bps: u16) -> bool {
        bps >= 10_000 || self.below(10_000) < u64::from(bps)
    }

    /// How many of `count` act, each with so many basis points.
    pub(crate) fn count(&mut self, count: u32, bps: u16) -> u32 {
        match bps {
            0 => 0,
            bps if bps >= 10_000 => count,
            bps => (0..count).map(|_| u32::from(self.happens(bps))).sum(),
        }
    }

    /// A number below `bound`; 0 if there is none.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // The upper half of a product: unbiased enough for any bound that a run has, and the same everywhere.
        let wide = u128::from(self.0.next_u64()) * u128::from(bound);
        u64::try_from(wide >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_answer_and_others_have_others() {
        let draw = |seed, name, day| Chance::new(seed, name, day).below(1 << 60);
        assert_eq!(draw(1, "donor", 3), draw(1, "donor", 3));
        let others = [draw(2, "donor", 3), draw(1, "duster", 3), draw(1, "donor", 4)];
        assert!(!others.contains(&draw(1, "donor", 3)));
    }

    #[test]
    fn about_as_many_act_as_should() {
        let mut chance = Chance::new(7, "donor", 0);
        let acted = chance.count(100_000, 500);
        assert!((4_700..5_300).contains(&acted), "{acted}");
        assert_eq!(chance.count(9, 10_000), 9);
        assert_eq!(chance.count(9, 0), 0);
        assert_eq!(chance.below(0), 0);
    }
}
