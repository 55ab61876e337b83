//! Runs both sides of comparisons in turns.

use std::{path::Path, process::Command, time::Instant};

use anyhow::{Context, Result};
use serde_json::Value;

use super::comparisons::{Comparison, Fields, Program, Side};
use crate::{cargo, place};

/// How to run comparisons.
pub(super) struct Plan<'a> {
    /// The peers' Python.
    pub(super) python: &'a Path,
    pub(super) pairs: u32,
    /// Timed steps per run, where they are not those of the comparison.
    pub(super) steps: Option<u32>,
}

/// What one run took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    /// Seconds.
    pub(super) wall: f64,
    /// Seconds.
    pub(super) cpu: f64,
    /// MiB.
    pub(super) memory: f64,
}

/// The runs of a comparison: ours and the peer's beside it.
pub(super) struct Measurement {
    pub(super) comparison: &'static Comparison,
    pub(super) threads: u32,
    pub(super) steps: u32,
    pub(super) pairs: Vec<[Reading; 2]>,
    /// What the last run of each side printed.
    pub(super) printed: [Value; 2],
}

impl Plan<'_> {
    /// Runs these comparisons at these numbers of threads, one after another; says on stderr how far it is.
    ///
    /// # Errors
    /// Where a run fails, prints no figures, or is not of the same size on both sides.
    pub(super) fn run(&self, cases: &[(&'static Comparison, u32)]) -> Result<Vec<Measurement>> {
        let mut progress = Progress::new(cases.len() * self.pairs as usize);
        cases.iter().map(|&(comparison, threads)| self.measure(comparison, threads, &mut progress)).collect()
    }

    fn measure(
        &self,
        comparison: &'static Comparison,
        threads: u32,
        progress: &mut Progress,
    ) -> Result<Measurement> {
        let steps = self.steps.unwrap_or(comparison.steps);
        let sides = [&comparison.ours, &comparison.theirs];
        let mut printed = [Value::Null, Value::Null];
        let mut pairs = Vec::new();
        for pair in 0..self.pairs {
            // Who comes first changes from pair to pair, so that neither gains by a machine that slows down.
            for at in turns(pair) {
                printed[at] = output(self.command(sides[at], threads, steps)?)?;
            }
            let [ours, theirs] = [0, 1].map(|at| sides[at].fields.equal_of(&printed[at]));
            anyhow::ensure!(ours == theirs, "{}: ours has {ours}, the peer {theirs}", comparison.name);
            let both = [0, 1].map(|at| sides[at].fields.reading(&printed[at]));
            let [ours, theirs] = both;
            pairs.push([ours?, theirs?]);
            progress.passed(&format!("{}, --threads {threads}", comparison.name), pairs[pairs.len() - 1]);
        }
        Ok(Measurement { comparison, threads, steps, pairs, printed })
    }

    fn command(&self, side: &Side, threads: u32, steps: u32) -> Result<Command> {
        let mut command = match side.program {
            Program::Ours(name) => Command::new(place::programs()?.join(name)),
            Program::Peer(script) => {
                let mut command = Command::new(self.python);
                command.arg(place::root().join("tests/peers").join(script));
                command
            }
        };
        let filled = side.how.replace("{threads}", &threads.to_string()).replace("{steps}", &steps.to_string());
        command.args(side.args.split_whitespace()).args(filled.split_whitespace());
        cargo::prepare(&mut command);
        Ok(command)
    }
}

/// Which side runs first: ours in even pairs.
fn turns(pair: u32) -> [usize; 2] {
    if pair.is_multiple_of(2) { [0, 1] } else { [1, 0] }
}

/// What a program prints: a line of JSON. What it says on stderr is shown where it fails.
pub(super) fn output(mut command: Command) -> Result<Value> {
    let line = cargo::typed(&command);
    let output = command.output().with_context(|| format!("failed to start `{line}`"))?;
    if !output.status.success() {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
    }
    cargo::checked(line.clone(), output.status)?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let last = printed.lines().last().unwrap_or_default();
    serde_json::from_str(last).with_context(|| format!("failed to read what `{line}` printed"))
}

impl Fields {
    /// The figures in what a program printed.
    pub(super) fn reading(&self, printed: &Value) -> Result<Reading> {
        let number = |place: &str| {
            let number = printed.pointer(place).and_then(Value::as_f64);
            number.with_context(|| format!("failed to find a number at {place} in {printed}"))
        };
        Ok(Reading { wall: number(self.wall)?, cpu: number(self.cpu)?, memory: number(self.memory)? })
    }

    fn equal_of<'v>(&self, printed: &'v Value) -> &'v Value {
        printed.pointer(self.equal).unwrap_or(&Value::Null)
    }
}

/// How far the pairs are, and how long the others may take.
struct Progress {
    all: usize,
    done: usize,
    begun: Instant,
}

impl Progress {
    fn new(all: usize) -> Self {
        Self { all, done: 0, begun: Instant::now() }
    }

    fn passed(&mut self, what: &str, [ours, theirs]: [Reading; 2]) {
        self.done += 1;
        let left = left(self.begun.elapsed().as_secs_f64(), self.done, self.all);
        eprintln!(
            "xtask: [{}/{}] {what}: {:.3} s CPU against {:.3} s; {:.0} min left",
            self.done,
            self.all,
            ours.cpu,
            theirs.cpu,
            left / 60.0
        );
    }
}

/// Seconds for the rest, at the pace so far.
fn left(passed: f64, done: usize, all: usize) -> f64 {
    passed / done as f64 * (all - done) as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::comparisons::COMPARISONS;
    use super::*;

    #[test]
    fn both_sides_come_first_in_turn() {
        assert_eq!([0, 1, 2].map(turns), [[0, 1], [1, 0], [0, 1]]);
    }

    #[test]
    fn what_is_printed_is_read_and_a_missing_figure_is_named() {
        let fields = &COMPARISONS[0].ours.fields;
        let printed = json!({"wall_s": 2.0, "cpu_s": 1.5, "peak_rss_mb": 300, "weight_params": 7});
        let reading = fields.reading(&printed).unwrap();
        assert_eq!(reading, Reading { wall: 2.0, cpu: 1.5, memory: 300.0 });
        assert_eq!(fields.equal_of(&printed), &json!(7));
        let error = fields.reading(&json!({"wall_s": 2.0, "cpu_s": null})).unwrap_err();
        assert!(error.to_string().contains("/cpu_s"), "{error}");
    }

    #[test]
    fn placeholders_are_replaced() {
        let plan = Plan { python: Path::new("python"), pairs: 1, steps: None };
        for comparison in COMPARISONS {
            for side in [&comparison.ours, &comparison.theirs] {
                let line = cargo::typed(&plan.command(side, 2, 3).unwrap());
                assert!(line.contains("--threads 2") && line.contains("--steps 3"), "{line}");
                assert!(!line.contains('{'), "{line}");
            }
        }
    }

    #[test]
    fn the_rest_takes_as_long_as_what_is_done() {
        assert!((left(30.0, 3, 9) - 60.0).abs() < 1e-9);
    }
}
