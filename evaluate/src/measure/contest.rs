//! Models against each other in one process: run in turn, so that whatever disturbs one disturbs the others too.

use std::time::Instant;

use models::clock::{Cpu, Took};
use serde::{Deserialize, Serialize};

use super::{
    system::conditions::{Conditions, Snapshot},
    warmup::{WARMEST, Warmth},
};
use crate::{error::Result, runtimes::Session};

/// A model that takes part.
pub(crate) struct Entrant {
    pub(crate) session: Box<dyn Session>,
    pub(crate) input: Vec<f32>,
    pub(crate) cpu: Cpu,
}

/// How long a contest lasts: until the time, but at least so many rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Length {
    pub(crate) until: Instant,
    pub(crate) least: usize,
}

/// Time per run of one entrant in one round, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sample {
    pub(crate) wall: f64,
    pub(crate) cpu: Option<f64>,
}

impl From<Sample> for Took {
    fn from(Sample { wall, cpu }: Sample) -> Self {
        Self { wall, cpu }
    }
}

/// What came out: for each round the sample of each entrant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) rounds: Vec<Vec<Sample>>,
    /// Whether all were steady before measuring.
    pub(crate) steady: bool,
    pub(crate) conditions: Conditions,
}

/// Samples of one entrant in one round, of which the least counts: what was disturbed took longer.
const TRIES: usize = 3;

/// A sample lasts at least this many milliseconds, so that reading the clocks (about a microsecond) does not count.
const LEAST: f64 = 0.5;

/// Warms up and measures.
pub(crate) fn hold(mut entrants: Vec<Entrant>, length: Length) -> Result<Held> {
    let (repeats, steady) = warm_up(&mut entrants, length)?;
    let before = Snapshot::take();
    let mut rounds = Vec::new();
    while rounds.len() < length.least.max(1) || Instant::now() < length.until {
        let mut samples = vec![None; entrants.len()];
        for at in order(rounds.len(), entrants.len()) {
            samples[at] = Some(entrants[at].sample(repeats[at])?);
        }
        rounds.push(samples.into_iter().flatten().collect());
    }
    Ok(Held { rounds, steady, conditions: before.until_now() })
}

/// Who runs when: another one begins each time, and after a whole turn the direction changes, so that everybody follows everybody.
pub(crate) fn order(round: usize, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.rotate_left(round % count);
    if (round / count) % 2 == 1 {
        order.reverse();
    }
    order
}

/// In turn too, for at most a quarter of the time: rounds are many, and the disturbed ones do not count. How many runs of each make a sample, and whether all became steady, if not at the same time.
fn warm_up(entrants: &mut [Entrant], length: Length) -> Result<(Vec<usize>, bool)> {
    let most = WARMEST.min(length.until.saturating_duration_since(Instant::now()).as_secs_f64() * 1e3 / 4.0);
    let first = entrants.iter_mut().map(|entrant| Ok((Warmth::new(entrant.sample(1)?.into(), most), None)));
    let mut warmths: Vec<(Warmth, Option<bool>)> = first.collect::<Result<_>>()?;
    while warmths.iter().any(|(_, steady)| steady.is_none()) {
        for (entrant, (warmth, steady)) in entrants.iter_mut().zip(&mut warmths) {
            warmth.add(entrant.sample(1)?.into());
            *steady = steady.or_else(|| warmth.enough(3).then(|| warmth.steady()));
        }
    }
    let repeats =
        |(warmth, _): &(Warmth, _)| (LEAST / warmth.fastest.max(1e-6)).ceil().clamp(1.0, 1000.0) as usize;
    Ok((warmths.iter().map(repeats).collect(), warmths.iter().all(|(_, steady)| *steady == Some(true))))
}

impl Entrant {
    fn run(&mut self, repeats: usize) -> Result<Took> {
        let (outcome, took) =
            self.cpu.time(|| (0..repeats).try_for_each(|_| self.session.run(&self.input).map(drop)));
        outcome.map(|()| took)
    }

    fn sample(&mut self, repeats: usize) -> Result<Sample> {
        let mut least = Sample { wall: f64::INFINITY, cpu: None };
        for _ in 0..TRIES {
            let Took { wall, cpu } = self.run(repeats)?;
            let each = |time: f64| time / repeats as f64;
            least.wall = least.wall.min(each(wall));
            least.cpu = cpu.map(|cpu| least.cpu.map_or(each(cpu), |least| least.min(each(cpu))));
        }
        Ok(least)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    use super::*;

    #[test]
    fn everybody_follows_everybody() {
        let orders: Vec<Vec<usize>> = (0..6).map(|round| order(round, 3)).collect();
        for pair in [[0, 1], [1, 0], [1, 2], [2, 1], [0, 2], [2, 0]] {
            let after = orders.iter().filter(|order| order.windows(2).any(|two| two == pair)).count();
            assert_eq!(after, 2, "{pair:?} in {orders:?}");
        }
        assert!((0..3).all(|first| orders.iter().filter(|order| order[0] == first).count() == 2));
    }

    struct Fake {
        name: usize,
        log: Arc<Mutex<Vec<usize>>>,
        wait: Duration,
    }

    impl Session for Fake {
        fn run(&mut self, _: &[f32]) -> Result<Vec<f32>> {
            self.log.lock().unwrap().push(self.name);
            std::thread::sleep(self.wait);
            Ok(Vec::new())
        }
    }

    #[test]
    fn rounds_are_run_in_turn_and_the_slower_is_slower() {
        let log = Arc::new(Mutex::new(Vec::new()));
        let entrant = |name: usize| {
            let wait = Duration::from_micros(200 + 400 * name as u64);
            let session = Box::new(Fake { name, log: log.clone(), wait });
            Entrant { session, input: Vec::new(), cpu: Cpu::Thread }
        };
        let length = Length { until: Instant::now(), least: 4 };
        let found = hold(vec![entrant(0), entrant(1)], length).unwrap();
        assert_eq!(found.rounds.len(), 4, "the time is over when it begins");
        assert!(found.rounds.iter().all(|round| round[0].wall < round[1].wall && round[1].wall >= 0.6));
        let log = log.lock().unwrap();
        let order: Vec<usize> = log.chunk_by(|a, b| a == b).map(|runs| runs[0]).collect();
        // A sleep takes little CPU time, so the repeats of a sample are many; the runs of one entrant follow each other.
        assert!(order.len() >= 8 && log.len() >= 4 * 2 * TRIES, "{order:?}");
    }
}
