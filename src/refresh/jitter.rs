use std::time::Duration;

/// Draws a duration from zero to a given one, so that a fleet of gateways does not fetch at the same time.
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
