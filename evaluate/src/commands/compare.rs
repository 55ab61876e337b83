//! `compare`: how much slower or faster B is than A, and how sure that is.

mod files;
mod processes;
mod ratios;
mod remote;
mod result;
mod side;

use std::path::PathBuf;

use super::{
    Verdict,
    latency::SEED,
    number::percent,
    shape::{Sizes, sizes},
};
use crate::{
    cli::{Context, runtime_names},
    device::OnArgs,
    error::{Error, Result},
    measure::system::environment::Environment,
};
pub(crate) use processes::{CHILD, ChildArgs, TimeArgs, in_turn, run_child};
use ratios::Outcome;
pub(crate) use ratios::{By, Ratios};
use result::{Compared, How};
pub(crate) use result::{KIND, SCHEMA, interval};
pub(crate) use side::Side;

/// Arguments of `compare`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model to compare with: an ONNX file, or what `latency --format json` has printed
    a: PathBuf,
    /// The model that is judged [default: A, with the second of two options]
    b: Option<PathBuf>,
    /// What runs the models; with a comma between them, A and B: ort,tract
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = runtime_names())]
    runtime: Vec<String>,
    /// Threads within one run, of both or of A and B [default: 1]
    #[arg(long, value_name = "N,...", value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..))]
    threads: Vec<u16>,
    /// Inputs per run where the model leaves it open, of both or of A and B
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    batch: Vec<usize>,
    /// Shape of one input where the model leaves it open, of both or of A and B
    #[arg(long, value_name = "CxHxW,...", value_delimiter = ',', value_parser = sizes)]
    input: Vec<Sizes>,
    /// How much slower B may be than A
    #[arg(long, value_name = "PERCENT", default_value = "3%", value_parser = percent)]
    max_regression: f64,
    /// The time that is judged [default: cpu for one thread, which other programs hardly disturb, otherwise wall]
    #[arg(long, value_enum)]
    by: Option<By>,
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    on: OnArgs,
}

/// Compares, prints, and gives the verdict.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    if let Some(place) = args.on.place()?.filter(|_| !files::is_result(&args.a)) {
        return remote::run(args, context, place);
    }
    let compared = if files::is_result(&args.a) { files::compare(args)? } else { measure(args, context)? };
    context.print(&compared)?;
    match compared.undecided() {
        Some((subject, problem)) => Err(Error::Undecided { subject, problem }),
        None if compared.comparisons.iter().any(|pair| pair.outcome == Outcome::Slower) => {
            Ok(Verdict::Violated)
        }
        None => Ok(Verdict::Done),
    }
}

fn measure(args: &Args, context: &Context) -> Result<Compared> {
    let sides = args.sides()?;
    let mut runtimes = vec![sides[0].about(context)?, sides[1].about(context)?];
    runtimes.dedup();
    let found = in_turn(&args.time, &sides, context)?;
    let rounds = found.iter().map(|found| found.rounds.rounds.len()).sum();
    let pinned = found.first().and_then(|found| found.pinned.clone());
    let steady = found.iter().filter(|found| found.rounds.steady).count();
    let how = How::Interleaved { runtimes, steady, rounds, processes: args.time.processes, pinned, seed: SEED };
    let by = args.by.unwrap_or_else(|| By::usual(sides.iter().map(|side| side.threads)));
    let names = sides.map(|side| side.to_string());
    let mut compared = Compared::new(how, by, args.max_regression);
    compared.comparisons.push(ratios::of_processes(names, &found, by, args.max_regression)?);
    compared.environments.push(Environment::here());
    compared.conditions = found.into_iter().map(|found| found.rounds.conditions).collect();
    Ok(compared)
}
