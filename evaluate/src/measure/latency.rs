//! How long one run takes. The protocol is that of a single model; comparing models is another matter.

use super::{
    clock::{Cpu, Took},
    quantile::{Times, median},
};
use crate::{error::Result, runtimes::Session};

/// How often to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Protocol {
    /// Least number of runs before measuring.
    pub(crate) warmup: usize,
    /// Runs that are measured.
    pub(crate) runs: usize,
    pub(crate) cpu: Cpu,
}

/// Warm-up lasts until it is long enough and steady enough: this long in milliseconds …
const WARM: f64 = 500.0;
/// … with the last three runs within this factor of the fastest …
const STEADY: f64 = 1.1;
/// … but no longer than this, in milliseconds.
const WARMEST: f64 = 10_000.0;

/// Times of one model, in milliseconds.
pub(crate) struct Latency {
    /// The first run after loading.
    pub(crate) first: Took,
    /// Runs before measuring, the first one included.
    pub(crate) warmup: usize,
    /// Whether these ended in three steady runs.
    pub(crate) steady: bool,
    /// Wall time.
    pub(crate) wall: Times,
    /// CPU time.
    pub(crate) cpu: Option<Times>,
    /// Median of wall over CPU time: above 1, something else was running too.
    pub(crate) ratio: Option<f64>,
}

impl Protocol {
    /// Warms up and measures.
    pub(crate) fn measure(&self, session: &mut dyn Session, input: &[f32]) -> Result<Latency> {
        let mut run = || {
            let (outcome, took) = self.cpu.time(|| session.run(input));
            outcome.map(|_| took)
        };
        let first = run()?;
        let (warmup, steady) = self.warm_up(first, &mut run)?;
        let runs: Vec<Took> = (0..self.runs.max(1)).map(|_| run()).collect::<Result<_>>()?;
        let wall: Vec<f64> = runs.iter().map(|took| took.wall).collect();
        let cpu: Option<Vec<f64>> = runs.iter().map(|took| took.cpu).collect();
        let ratio = cpu
            .as_ref()
            .map(|cpu| median(&wall.iter().zip(cpu).map(|(w, c)| w / c.max(1e-6)).collect::<Vec<_>>()));
        Ok(Latency {
            first,
            warmup,
            steady,
            wall: Times::new(&wall),
            cpu: cpu.map(|cpu| Times::new(&cpu)),
            ratio,
        })
    }

    /// How many runs it took, and whether they became steady. CPU time decides where there is one: other programs do not disturb it.
    fn warm_up(&self, first: Took, run: &mut dyn FnMut() -> Result<Took>) -> Result<(usize, bool)> {
        let time = |took: Took| took.cpu.unwrap_or(took.wall);
        let (mut times, mut total) = (vec![time(first)], first.wall);
        loop {
            let fastest = times.iter().copied().fold(f64::INFINITY, f64::min);
            let steady = times.len() > 3 && times[times.len() - 3..].iter().all(|t| *t <= STEADY * fastest);
            let enough = times.len() >= self.warmup.max(3) && total >= WARM && steady;
            if enough || (total >= WARMEST && times.len() >= self.warmup) {
                return Ok((times.len(), steady));
            }
            let took = run()?;
            times.push(time(took));
            total += took.wall;
        }
    }
}
