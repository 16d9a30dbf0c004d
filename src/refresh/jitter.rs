use std::time::Duration;

/// Chance: chooses a duration from zero to the one that it is given, so that a fleet does not ask at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jitter(fn(Duration) -> Duration);

impl Jitter {
    pub(crate) const RANDOM: Self = Self(|most| most.mul_f64(fastrand::f64()));

    #[cfg(test)]
    pub(crate) const LEAST: Self = Self(|_| Duration::ZERO);

    #[cfg(test)]
    pub(crate) const MOST: Self = Self(|most| most);

    pub(crate) fn draw(self, most: Duration) -> Duration {
        (self.0)(most)
    }
}
