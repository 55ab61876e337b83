//! How long one run takes. The protocol is that of a single model; comparing models is another matter.

use std::time::Instant;

use models::clock::{Cpu, Took};

use super::quantile::{Times, median};
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
/// (and this many milliseconds, the noise of clocks and caches) …
const NOISE: f64 = 0.01;
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
        let mut warmth = Warmth {
            begun: Instant::now(),
            before: first.wall,
            runs: 0,
            fastest: f64::INFINITY,
            last: [f64::INFINITY; 3],
        };
        let mut took = first;
        loop {
            warmth.add(took);
            let steady = warmth.steady();
            let enough = warmth.runs >= self.warmup.max(3) && warmth.time() >= WARM && steady;
            if enough || (warmth.time() >= WARMEST && warmth.runs >= self.warmup) {
                return Ok((warmth.runs, steady));
            }
            took = run()?;
        }
    }
}

/// What the runs before measuring have shown so far.
struct Warmth {
    /// After the first run.
    begun: Instant,
    /// Milliseconds before that: the first run's.
    before: f64,
    runs: usize,
    fastest: f64,
    last: [f64; 3],
}

impl Warmth {
    fn add(&mut self, took: Took) {
        let time = took.cpu.unwrap_or(took.wall);
        self.runs += 1;
        self.fastest = self.fastest.min(time);
        self.last.rotate_left(1);
        self.last[2] = time;
    }

    /// Wall time since the first run began, in milliseconds: what lies between very short runs counts too.
    fn time(&self) -> f64 {
        self.before + self.begun.elapsed().as_secs_f64() * 1e3
    }

    fn steady(&self) -> bool {
        self.runs > 3 && self.last.iter().all(|time| *time <= STEADY * self.fastest + NOISE)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Takes a while at first, then a millisecond.
    struct Fake {
        calls: usize,
    }

    impl Session for Fake {
        fn run(&mut self, _: &[f32]) -> Result<Vec<f32>> {
            self.calls += 1;
            std::thread::sleep(Duration::from_millis(if self.calls <= 5 { 20 } else { 1 }));
            Ok(Vec::new())
        }
    }

    #[test]
    fn warms_up_then_measures() {
        let mut session = Fake { calls: 0 };
        let latency = Protocol { warmup: 3, runs: 30, cpu: Cpu::Thread }.measure(&mut session, &[]).unwrap();
        assert_eq!((latency.wall.n, session.calls), (30, latency.warmup + 30));
        assert!(
            latency.warmup > 50,
            "100 ms in five runs, then 400 ms of little more than 1 ms each: {}",
            latency.warmup
        );
        assert!(latency.first.wall >= 20.0 && (1.0..20.0).contains(&latency.wall.min));
    }

    /// Half a second of runs of no length: the warm-up must not take longer for their number.
    #[test]
    fn short_runs_end_too() {
        struct Nothing;
        impl Session for Nothing {
            fn run(&mut self, _: &[f32]) -> Result<Vec<f32>> {
                Ok(Vec::new())
            }
        }
        let start = std::time::Instant::now();
        Protocol { warmup: 3, runs: 1, cpu: Cpu::Thread }.measure(&mut Nothing, &[]).unwrap();
        assert!(start.elapsed().as_secs() < 20);
    }
}
