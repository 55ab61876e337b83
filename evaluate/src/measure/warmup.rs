//! When a model is warm: after enough runs, enough time, and when its times have become steady.

use std::time::Instant;

use models::clock::Took;

/// Warm-up lasts until it is long enough and steady enough: this long in milliseconds …
const WARM: f64 = 500.0;
/// … with the last three runs within this factor of the fastest …
const STEADY: f64 = 1.1;
/// (and this many milliseconds, the noise of clocks and caches) …
const NOISE: f64 = 0.01;
/// … but usually no longer than this, in milliseconds.
pub(crate) const WARMEST: f64 = 10_000.0;

/// What the runs before measuring have shown so far.
pub(crate) struct Warmth {
    /// After the first run.
    begun: Instant,
    /// Milliseconds before that: the first run's.
    before: f64,
    /// Milliseconds after which it need not be steady.
    most: f64,
    /// The first one included.
    pub(crate) runs: usize,
    pub(crate) fastest: f64,
    last: [f64; 3],
}

impl Warmth {
    /// From the first run on, and for at most so many milliseconds (but at least half a second).
    pub(crate) fn new(first: Took, most: f64) -> Self {
        let begun = Instant::now();
        let mut warmth = Self {
            begun,
            before: first.wall,
            most: most.max(WARM),
            runs: 0,
            fastest: f64::INFINITY,
            last: [f64::INFINITY; 3],
        };
        warmth.add(first);
        warmth
    }

    /// One more run. CPU time decides where there is one: other programs do not disturb it.
    pub(crate) fn add(&mut self, took: Took) {
        let time = took.cpu.unwrap_or(took.wall);
        self.runs += 1;
        self.fastest = self.fastest.min(time);
        self.last.rotate_left(1);
        self.last[2] = time;
    }

    /// Whether these were enough, with at least so many runs.
    pub(crate) fn enough(&self, least: usize) -> bool {
        let warm = self.runs >= least.max(3) && self.time() >= WARM && self.steady();
        warm || (self.time() >= self.most && self.runs >= least)
    }

    /// Whether the last three runs were about as fast as the fastest.
    pub(crate) fn steady(&self) -> bool {
        self.runs > 3 && self.last.iter().all(|time| *time <= STEADY * self.fastest + NOISE)
    }

    /// Wall time since the first run began, in milliseconds: what lies between very short runs counts too.
    fn time(&self) -> f64 {
        self.before + self.begun.elapsed().as_secs_f64() * 1e3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(cpu: f64) -> Took {
        Took { wall: 600.0, cpu: Some(cpu) }
    }

    /// The first run alone is longer than the warm-up has to be.
    #[test]
    fn three_steady_runs_of_cpu_time_decide() {
        let mut warmth = Warmth::new(took(20.0), WARMEST);
        let states = [10.0, 10.5, 12.0, 10.0, 10.9, 10.0].map(|cpu| {
            warmth.add(took(cpu));
            warmth.enough(3)
        });
        assert_eq!(states, [false, false, false, false, false, true], "12 is more than 10 % above 10");
        assert!(!warmth.enough(8) && warmth.steady());
        assert_eq!(warmth.runs, 7);
    }

    #[test]
    fn what_never_becomes_steady_ends() {
        let mut warmth = Warmth::new(Took { wall: 10_001.0, cpu: None }, WARMEST);
        warmth.add(took(1.0));
        assert!(warmth.enough(2) && !warmth.steady() && !warmth.enough(3));
    }
}
