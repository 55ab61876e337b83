//! How long one run takes. The protocol is that of a single model; [`super::contest`] compares several.

use std::time::{Duration, Instant};

use models::clock::{Cpu, Took};

use super::{
    quantile::median,
    system::conditions::{Conditions, Snapshot},
    warmup::{WARMEST, Warmth},
};
use crate::{error::Result, runtimes::Session};

/// How often to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Protocol {
    /// Least number of runs before measuring.
    pub(crate) warmup: usize,
    /// How much is measured.
    pub(crate) length: Length,
    /// Whose time is taken besides the wall's.
    pub(crate) cpu: Cpu,
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Length {
    /// So many runs, in rounds of about a second.
    Runs(usize),
    /// So many minutes, each a round.
    Minutes(f64),
}

/// Runs one after the other, and what went on meanwhile.
pub(crate) struct Round {
    /// At least one.
    pub(crate) runs: Vec<Took>,
    /// All of it, with what measuring itself took.
    pub(crate) whole: Took,
    pub(crate) conditions: Conditions,
}

/// A model that is ready to run, and its input.
pub(crate) type Entrant = (Box<dyn Session>, Vec<f32>);

/// Times of one model.
pub(crate) struct Latency {
    /// The first run after loading.
    pub(crate) first: Took,
    /// Runs before measuring, the first one included.
    pub(crate) warmup: usize,
    /// Whether these ended in three steady runs.
    pub(crate) steady: bool,
    /// At least one.
    pub(crate) rounds: Vec<Round>,
}

impl Protocol {
    /// Warms up and measures.
    pub(crate) fn measure(&self, session: &mut dyn Session, input: &[f32]) -> Result<Latency> {
        let mut run = || {
            let (outcome, took) = self.cpu.time(|| session.run(input));
            outcome.map(|_| took)
        };
        let first = run()?;
        let mut warmth = Warmth::new(first, WARMEST);
        while !warmth.enough(self.warmup) {
            warmth.add(run()?);
        }
        let rounds = self.rounds(&mut run)?;
        Ok(Latency { first, warmup: warmth.runs, steady: warmth.steady(), rounds })
    }

    /// Warms up and measures so many runs of each of several models, in turn: each finds the caches as the others leave them, as a
    /// part of a network does.
    pub(crate) fn in_turn(&self, runs: usize, entrants: &mut [Entrant]) -> Result<Vec<Latency>> {
        let mut pass = || -> Result<Vec<Took>> {
            let timed = entrants.iter_mut().map(|(session, input)| {
                let (outcome, took) = self.cpu.time(|| session.run(input));
                outcome.map(|_| took)
            });
            timed.collect()
        };
        let first = pass()?;
        let mut warmths: Vec<Warmth> = first.iter().map(|&first| Warmth::new(first, WARMEST)).collect();
        while !warmths.iter().all(|warmth| warmth.enough(self.warmup)) {
            warmths.iter_mut().zip(pass()?).for_each(|(warmth, took)| warmth.add(took));
        }
        let before = Snapshot::take();
        let passes: Vec<Vec<Took>> = (0..runs.max(1)).map(|_| pass()).collect::<Result<_>>()?;
        let conditions = before.until_now();
        let latency = |(nth, warmth): (usize, &Warmth)| {
            let runs: Vec<Took> = passes.iter().map(|pass| pass[nth]).collect();
            let cpu: Option<f64> = runs.iter().map(|took| took.cpu).sum();
            let whole = Took { wall: runs.iter().map(|took| took.wall).sum(), cpu };
            let rounds = vec![Round { runs, whole, conditions: conditions.clone() }];
            Latency { first: first[nth], warmup: warmth.runs, steady: warmth.steady(), rounds }
        };
        Ok(warmths.iter().enumerate().map(latency).collect())
    }

    fn rounds(&self, run: &mut dyn FnMut() -> Result<Took>) -> Result<Vec<Round>> {
        let (start, mut done, mut rounds) = (Instant::now(), 0, Vec::new());
        let (most, whole, each) = match self.length {
            Length::Runs(runs) => (runs.max(1), Duration::MAX, Duration::from_secs(1)),
            Length::Minutes(minutes) => {
                (usize::MAX, Duration::from_secs_f64(60.0 * minutes), Duration::from_mins(1))
            }
        };
        while done == 0 || (done < most && start.elapsed() < whole) {
            let round = self.round(run, most - done, each.min(whole.saturating_sub(start.elapsed())))?;
            done += round.runs.len();
            rounds.push(round);
        }
        Ok(rounds)
    }

    /// Runs until the time is over or there are so many; at least once.
    fn round(&self, run: &mut dyn FnMut() -> Result<Took>, most: usize, length: Duration) -> Result<Round> {
        let (before, start) = (Snapshot::take(), Instant::now());
        let (runs, whole) = self.cpu.time(|| -> Result<Vec<Took>> {
            let mut runs = vec![run()?];
            while runs.len() < most && start.elapsed() < length {
                runs.push(run()?);
            }
            Ok(runs)
        });
        Ok(Round { runs: runs?, whole, conditions: before.until_now() })
    }

    /// What a timed run of nothing seems to take, in milliseconds: every figure is too high by this.
    pub(crate) fn clock(&self) -> f64 {
        let took = (0..101).map(|_| self.cpu.time(|| ()).1);
        median(&took.map(|took| took.cpu.unwrap_or(took.wall)).collect::<Vec<_>>())
    }
}

impl Latency {
    /// Wall times of all runs, in milliseconds.
    pub(crate) fn wall(&self) -> Vec<f64> {
        self.runs().map(|took| took.wall).collect()
    }

    /// CPU times of all runs, in milliseconds, where the system tells.
    pub(crate) fn cpu(&self) -> Option<Vec<f64>> {
        self.runs().map(|took| took.cpu).collect()
    }

    /// Wall over CPU time of all runs together: above 1, something else was running too. (The median hides that where most runs are
    /// shorter than the time that a program may run before another one's turn.)
    pub(crate) fn wall_over_cpu(&self) -> Option<f64> {
        let (wall, cpu): (f64, f64) = (self.wall().iter().sum(), self.cpu()?.iter().sum());
        Some(wall / cpu.max(1e-6))
    }

    /// CPU time that measuring took beside the runs, as a share of theirs.
    pub(crate) fn overhead(&self) -> Option<f64> {
        let whole: Option<f64> = self.rounds.iter().map(|round| round.whole.cpu).sum();
        let runs: f64 = self.cpu()?.iter().sum();
        Some((whole? - runs) / runs.max(1e-6))
    }

    fn runs(&self) -> impl Iterator<Item = &Took> {
        self.rounds.iter().flat_map(|round| &round.runs)
    }
}

#[cfg(test)]
mod tests {
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

    fn protocol(length: Length) -> Protocol {
        Protocol { warmup: 3, length, cpu: Cpu::Thread }
    }

    #[test]
    fn warms_up_then_measures() {
        let mut session = Fake { calls: 0 };
        let latency = protocol(Length::Runs(30)).measure(&mut session, &[]).unwrap();
        let wall = latency.wall();
        assert_eq!((wall.len(), session.calls), (30, latency.warmup + 30));
        assert!(
            latency.warmup > 50,
            "100 ms in five runs, then 400 ms of little more than 1 ms each: {}",
            latency.warmup
        );
        assert!(latency.first.wall >= 20.0 && wall.iter().all(|wall| *wall >= 1.0));
        assert!(latency.wall_over_cpu().is_none_or(|ratio| ratio > 1.0), "it sleeps");
        assert!(latency.overhead().is_none_or(|share| share > 0.0), "reading the clocks takes time too");
    }

    #[test]
    fn minutes_end_in_time() {
        let latency = protocol(Length::Minutes(0.005)).measure(&mut Fake { calls: 5 }, &[]).unwrap();
        let sum: f64 = latency.wall().iter().sum();
        assert!(
            latency.rounds.len() == 1 && (200.0..3000.0).contains(&sum),
            "0.3 s, and a last run that may be held up: {sum}"
        );
    }

    /// The order is that of the models, over and over; each has runs of its own.
    #[test]
    fn several_in_turn() {
        let entrants = || [0, 5].map(|calls| (Fake { calls }, Vec::new()));
        let mut entrants = entrants().map(|(fake, input)| (Box::new(fake) as Box<dyn Session>, input));
        let found = protocol(Length::Runs(7)).in_turn(7, &mut entrants).unwrap();
        assert_eq!(found.iter().map(|latency| latency.wall().len()).collect::<Vec<_>>(), [7, 7]);
        assert!(found[0].first.wall >= 20.0 && found[0].warmup == found[1].warmup && found[0].warmup > 50);
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
        let start = Instant::now();
        protocol(Length::Runs(1)).measure(&mut Nothing, &[]).unwrap();
        assert!(start.elapsed().as_secs() < 20);
        assert!(protocol(Length::Runs(1)).clock() < 1.0);
    }
}
