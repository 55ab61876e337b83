//! `lut`: the time of every operation of a search space, as the table that the search's latency term reads.

mod operations;
mod result;
mod sums;

use std::{collections::BTreeMap, path::PathBuf};

use super::Verdict;
use crate::{
    cli::{Context, RuntimeArg},
    device::{Kept, Measurer, OnArgs, Words},
    error::Result,
    measure::system::{cores::Pin, environment::Environment},
    save::save,
    subject::ModelFile,
};
use operations::Operations;
use result::{KIND, LookUp, SCHEMA, Time};
use sums::Sums;

/// Arguments of `lut`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A folder that `noisydarts-export operations` has written [default: it is run, for --space]
    folder: Option<PathBuf>,
    /// Search space whose layers follow each other: mobile, also called mobilenet
    #[arg(long, default_value = "mobile", conflicts_with = "folder")]
    space: String,
    /// Height and width of the network's input [default: as published]
    #[arg(long, value_name = "HxW", conflicts_with = "folder")]
    input: Option<String>,
    /// Channels of the stem [default: as published]
    #[arg(long, value_name = "C", conflicts_with = "folder")]
    channels: Option<usize>,
    /// Number of layers [default: as published]
    #[arg(long, value_name = "L", conflicts_with = "folder")]
    cells: Option<usize>,
    /// Whole networks to hold the sums against
    #[arg(long, value_name = "N", default_value_t = 20, conflicts_with = "folder")]
    networks: usize,
    #[command(flatten)]
    runtime: RuntimeArg,
    /// Runs of each file that are measured: 20 for a median
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(6..))]
    runs: u32,
    /// Stay on this core, or on the fastest idle one: auto
    #[arg(long, value_name = "CORE")]
    pin: Option<Pin>,
    /// The table to write
    #[arg(short, long, value_name = "FILE", default_value = "latency.csv")]
    output: PathBuf,
    #[command(flatten)]
    on: OnArgs,
    /// Keep what is measured in this folder as it comes, and do not measure again what is there
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

/// Measures, writes the table and prints how good it is.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    let place = args.on.place()?;
    let runtime = match &place {
        Some(place) => args.runtime.there(place),
        None => args.runtime.get().name().into(),
    };
    let own = args.pin.as_ref().map(ToString::to_string);
    let pin = place.as_ref().map_or(own, |place| place.pin(args.pin.as_ref()));
    let operations = Operations::get(args, context)?;
    let kept = Kept::new(args.keep.clone())?;
    let words = Words::new(&["latency", "--format=json", "--quiet", "--in-turn"])
        .flag("--runtime", Some(&runtime))
        .flag("--runs", Some(args.runs))
        .flag("--pin", pin);
    let mut measurer = Measurer::new(place, context, kept);
    let groups = operations.groups();
    let bar = context.talk.bar(groups.len(), "groups of files");
    let mut first: Option<(Environment, String)> = None;
    let mut times = BTreeMap::new();
    for (nth, names) in groups.iter().enumerate() {
        let open = |name: &String| ModelFile::open(&operations.folder().join(name));
        let files: Vec<ModelFile> = names.iter().map(open).collect::<Result<_>>()?;
        let found = measurer.measured(&files, &words)?;
        times.extend(names.iter().cloned().zip(found.models.iter().map(Time::of)));
        first.get_or_insert((found.environment, found.about_runtime));
        bar.inc(1);
        if context.talk.is_due(nth + 1, groups.len()) {
            context.talk.note(&format!("{} of {} groups of files measured", nth + 1, groups.len()));
        }
    }
    bar.finish_and_clear();
    let (environment, about_runtime) =
        first.ok_or_else(|| operations.refused("it lists no operations".into()))?;
    let sums = Sums::new(&operations, &times)?;
    let device = measurer.place();
    drop(measurer);
    let found = LookUp {
        kind: KIND.into(),
        schema: SCHEMA,
        environment,
        space: operations.list.space.clone(),
        input: operations.list.input,
        device,
        about_runtime,
        runs: args.runs,
        table: args.output.display().to_string(),
        files: times,
        sums,
    };
    save(&args.output, found.csv(&operations).as_bytes())?;
    context.print(&found)?;
    Ok(Verdict::Done)
}
