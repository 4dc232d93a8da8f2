//! Random draws: one stream for each part of the day, skewed sizes, long-tailed choices.

use rand::Rng;
use rand::SeedableRng;
use rand::distr::weighted::WeightedIndex;
use rand_chacha::ChaCha8Rng;

use crate::error::{Error, Result};

/// The generator of one part of the day; parts do not disturb each other's draws.
pub fn stream(seed: u64, part: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(part);
    rng
}

/// A log-normal quantity, as sizes and durations of flows are.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Half of the draws are below this.
    pub median: f64,
    /// Standard deviation of the logarithm; 0 means always the median.
    pub spread: f64,
}

impl Size {
    /// One draw, at most `most`.
    pub fn draw(&self, most: f64, rng: &mut impl Rng) -> f64 {
        (self.median * (self.spread * normal(rng)).exp()).min(most)
    }
}

/// A standard normal draw (Box and Muller).
fn normal(rng: &mut impl Rng) -> f64 {
    // 1 - u keeps the logarithm away from zero.
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}

/// Choice by weight.
///
/// # Errors
/// [`Error::Usage`] when there are no weights or they sum to zero: a table of this crate is wrong.
pub fn by_weight(what: &str, weights: impl IntoIterator<Item = f64>) -> Result<WeightedIndex<f64>> {
    WeightedIndex::new(weights).map_err(|e| Error::Usage(format!("{what}: {e}")))
}

/// Zipf weights: the n-th of `count` is chosen n^-`exponent` as often as the first.
pub fn zipf(count: usize, exponent: f64) -> impl Iterator<Item = f64> {
    (1..=count).map(move |rank| (rank as f64).powf(-exponent))
}
