//! What `latency` finds, as it is written and read back.

use std::path::Path;

use models::clock::Took;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::profile::Profile;
use crate::{
    error::{Error, Result},
    measure::{
        latency::{Latency, Round},
        profile::Placed,
        quantile::Times,
        system::{conditions::Conditions, environment::Environment, memory::Memory},
    },
    schema::check,
};

/// What `kind` says in these files.
pub(crate) const KIND: &str = "latency";

/// Version of the fields below. Goes up when one changes its meaning or leaves.
pub(crate) const SCHEMA: u32 = 1;

/// One call of `latency`. All times are in milliseconds; CPU time is the measuring thread's, or the process's with several threads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Latencies {
    pub(crate) kind: String,
    pub(crate) schema: u32,
    pub(crate) environment: Environment,
    pub(crate) runtime: String,
    /// Its version and its fixed options.
    pub(crate) about_runtime: String,
    pub(crate) threads: u16,
    /// The cores that it was kept on.
    pub(crate) pinned: Option<Vec<usize>>,
    /// Runs that were asked for.
    pub(crate) runs: Option<u32>,
    /// Whether the models were run in turn.
    #[serde(default)]
    pub(crate) in_turn: bool,
    /// Minutes that were asked for instead.
    pub(crate) minutes: Option<f64>,
    /// Seed of the random input, uniform in `[-2, 2)`.
    pub(crate) seed: u64,
    /// What reading the clocks adds to every time.
    pub(crate) clock: f64,
    pub(crate) models: Vec<ModelLatency>,
}

/// Times of one model on inputs of one shape.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ModelLatency {
    pub(crate) model: String,
    /// Shape of the input, batch included.
    pub(crate) input: Vec<usize>,
    /// Reading the file into the runtime and optimising it.
    pub(crate) load: Time,
    /// The first run after that.
    pub(crate) first: Time,
    /// Runs before measuring, the first one included.
    pub(crate) warmup_runs: usize,
    /// Whether these ended in three steady runs.
    pub(crate) steady: bool,
    pub(crate) wall: Times,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cpu: Option<Times>,
    /// Wall over CPU time of all runs together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wall_over_cpu: Option<f64>,
    /// Whether other programs disturbed the measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contended: Option<bool>,
    /// CPU time that measuring took beside the runs, as a share of theirs.
    pub(crate) overhead: Option<f64>,
    /// Of the whole process, in bytes.
    pub(crate) memory: Option<Memory>,
    /// A second each, or a minute with `--minutes`.
    pub(crate) rounds: Vec<RoundTimes>,
    /// Every run, in order; not with `--minutes`, where they are too many.
    pub(crate) samples: Option<Samples>,
    /// With `--provider`: which execution providers ran which nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) placed: Option<Vec<Placed>>,
    /// With `--profile`: `nodes` and `profile`.
    #[serde(flatten)]
    pub(crate) profile: Option<Profile>,
}

/// What one thing took once.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Time {
    pub(crate) wall: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cpu: Option<f64>,
}

/// Part of the runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RoundTimes {
    pub(crate) wall: Times,
    pub(crate) cpu: Option<Times>,
    pub(crate) conditions: Conditions,
}

/// Times of every run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Samples {
    pub(crate) wall: Vec<f64>,
    pub(crate) cpu: Option<Vec<f64>>,
}

impl Latencies {
    /// Reads a file that `latency --format json` has printed.
    ///
    /// # Errors
    /// [`Error::Results`] if it is something else, or of a later version.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
        let found = text.and_then(|text| parse(&text));
        found.map_err(|problem| Error::Results { path: path.into(), problem })
    }

    /// Reads what `latency --format json` has printed; the error is the problem.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        parse(text)
    }

    /// The same by the names that the models have here: one for all rows, or one each.
    pub(crate) fn of(mut self, names: &[String]) -> Self {
        for (row, name) in self.models.iter_mut().zip(names.iter().cycle()) {
            row.model.clone_from(name);
        }
        self
    }

    /// With the models of another call behind its own.
    pub(crate) fn with(mut self, other: Self) -> Self {
        self.models.extend(other.models);
        self
    }
}

fn parse(text: &str) -> Result<Latencies, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let version = value["schema"].as_u64().filter(|_| value["kind"] == KIND);
    check(version.ok_or("expected what `latency --format json` prints")?, SCHEMA)?;
    serde_json::from_str(text).map_err(|error| error.to_string())
}

impl ModelLatency {
    /// What the runs say; the rest is for the caller to fill in.
    pub(super) fn of_runs(latency: &Latency, keep: bool) -> Self {
        let (wall, cpu) = (latency.wall(), latency.cpu());
        Self {
            model: String::new(),
            input: Vec::new(),
            load: latency.first.into(),
            first: latency.first.into(),
            warmup_runs: latency.warmup,
            steady: latency.steady,
            wall: Times::new(&wall),
            cpu: cpu.as_deref().map(Times::new),
            wall_over_cpu: latency.wall_over_cpu(),
            contended: None,
            overhead: latency.overhead(),
            memory: None,
            rounds: latency.rounds.iter().map(RoundTimes::from).collect(),
            samples: keep.then_some(Samples { wall, cpu }),
            placed: None,
            profile: None,
        }
    }
}

impl From<&Round> for RoundTimes {
    fn from(round: &Round) -> Self {
        let wall: Vec<f64> = round.runs.iter().map(|took| took.wall).collect();
        let cpu: Option<Vec<f64>> = round.runs.iter().map(|took| took.cpu).collect();
        let cpu = cpu.as_deref().map(Times::new);
        Self { wall: Times::new(&wall), cpu, conditions: round.conditions.clone() }
    }
}

impl From<Took> for Time {
    fn from(Took { wall, cpu }: Took) -> Self {
        Self { wall, cpu }
    }
}
