//! Measures A and B in several fresh processes: this program starts itself.

use std::{
    io::Write as _,
    process::Command,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use super::side::Side;
use crate::{
    cli::Context,
    commands::{Verdict, latency::pin, number::positive},
    device::{Place, Words},
    error::{Error, Result},
    measure::{
        contest::{Entrant, Held, Length, hold, order},
        system::cores::Pin,
    },
};

/// Name of the hidden subcommand.
pub(crate) const CHILD: &str = "measure-together";

/// Least number of rounds of all processes together.
const ROUNDS: usize = 25;

/// How two models are measured in turn.
#[derive(Debug, clap::Args)]
pub(crate) struct TimeArgs {
    /// How long to measure, loading and warming up included; large models take longer, for at least 25 rounds
    #[arg(long, value_name = "N", default_value = "30", value_parser = positive)]
    seconds: f64,
    /// Fresh processes to spread this over, at least 3: from one to the next, times differ by more than chance
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(3..))]
    pub(super) processes: u16,
    /// Stay on this core (several for --threads: 2,3), or on the fastest idle one: auto
    #[arg(long, value_name = "CORE")]
    pin: Option<Pin>,
}

impl TimeArgs {
    /// The same flags for a call at this place.
    pub(super) fn words(&self, words: Words, place: &Place) -> Words {
        words
            .flag("--seconds", Some(self.seconds))
            .flag("--processes", Some(self.processes))
            .flag("--pin", place.pin(self.pin.as_ref()))
    }
}

/// Arguments of the hidden subcommand.
#[derive(Debug, clap::Args)]
pub(crate) struct ChildArgs {
    /// What to do, as JSON
    task: String,
}

/// What one process does.
#[derive(Serialize, Deserialize)]
struct Task {
    /// A and B.
    sides: [Side; 2],
    /// Counts the processes: each loads in another order.
    number: usize,
    seconds: f64,
    /// Least number of rounds.
    least: usize,
    pin: Option<String>,
}

/// What one process found: each round has samples of A, of B and of a twin of A.
#[derive(Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) rounds: Held,
    /// The cores that it was kept on.
    pub(crate) pinned: Option<Vec<usize>>,
}

/// One process after the other, each with its share of the time that is left.
pub(crate) fn in_turn(args: &TimeArgs, sides: &[Side; 2], context: &Context) -> Result<Vec<Found>> {
    let (start, count) = (Instant::now(), usize::from(args.processes));
    let bar = context.talk.bar(count, "processes");
    let results = (0..count).map(|number| {
        let left = (args.seconds - start.elapsed().as_secs_f64()).max(0.0);
        let task = Task {
            sides: sides.clone(),
            number,
            seconds: left / (count - number) as f64,
            least: ROUNDS.div_ceil(count),
            pin: args.pin.as_ref().map(ToString::to_string),
        };
        let found = child(&task, context);
        bar.inc(1);
        found
    });
    let results = results.collect();
    bar.finish_and_clear();
    results
}

fn child(task: &Task, context: &Context) -> Result<Found> {
    let failed = |problem: String| Error::Child {
        problem: format!("measure in a process of its own: {problem}"),
        status: 1,
    };
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let task = serde_json::to_string(task).map_err(|error| failed(error.to_string()))?;
    let mut command = Command::new(program);
    if let Some(library) = context.options(Vec::new(), 1).library {
        command.arg("--ort-dylib").arg(library);
    }
    let output = command.args(["--quiet", CHILD, &task]).output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    match (output.status.code().map(u8::try_from), said.trim().strip_prefix("error: failed to ")) {
        (Some(Ok(status)), Some(problem)) => Err(Error::Child { problem: problem.into(), status }),
        _ => Err(failed(format!("{} {}", output.status, said.trim()).trim_end().into())),
    }
}

/// What such a process does.
pub(crate) fn run_child(args: &ChildArgs, context: &Context) -> Result<Verdict> {
    let start = Instant::now();
    let bad = |problem: String| Error::Flag { flag: "TASK", problem };
    let task: Task = serde_json::from_str(&args.task).map_err(|error| bad(error.to_string()))?;
    let pinning = task.pin.map(|pin| pin.parse()).transpose().map_err(bad)?;
    let threads = task.sides.iter().map(|side| side.threads).max().unwrap_or(1);
    let pinned = pin(pinning.as_ref(), threads, context)?;
    let length = Length { until: start + Duration::from_secs_f64(task.seconds), least: task.least };
    let [a, b] = &task.sides;
    let rounds = hold(load(&[a, b, a], task.number, context)?, length)?;
    let failed = |source| Error::Write { path: "stdout".into(), source };
    let found = serde_json::to_string(&Found { rounds, pinned }).map_err(|error| failed(error.into()))?;
    std::io::stdout().write_all(found.as_bytes()).map_err(|error| failed(error.into()))?;
    Ok(Verdict::Done)
}

/// Loads in an order of this process's own, because what is loaded first may lie better in memory.
fn load(sides: &[&Side], number: usize, context: &Context) -> Result<Vec<Entrant>> {
    let loaded = order(number, sides.len()).into_iter().map(|at| Ok((at, sides[at].load(context)?)));
    let mut loaded: Vec<(usize, Entrant)> = loaded.collect::<Result<_>>()?;
    loaded.sort_by_key(|(at, _)| *at);
    Ok(loaded.into_iter().map(|(_, entrant)| entrant).collect())
}
