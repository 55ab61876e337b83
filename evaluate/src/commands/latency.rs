//! `latency`: time per run, on one thread unless asked otherwise.

mod nodes;
mod profile;
mod provider;
mod remote;
pub(crate) mod result;
mod table;

use models::clock::Cpu;

use super::{
    Verdict,
    number::positive,
    shape::{ShapeArgs, Sizes, sizes},
};
use crate::{
    cli::{Context, RuntimeArg},
    device::OnArgs,
    error::Result,
    measure::{
        latency::{Entrant, Latency, Length, Protocol},
        system::{
            cores::Pin,
            environment::Environment,
            memory::{Memory, Watch},
        },
    },
    random::Random,
    runtimes::Options,
    subject::ModelFile,
};
pub(crate) use table::shape_text;

use crate::measure::profile::Placed;
use provider::ProviderArgs;
pub(crate) use result::{KIND, SCHEMA};
use result::{Latencies, ModelLatency, Time};

/// Arguments of `latency`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ONNX files, measured one after the other
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<std::path::PathBuf>,
    #[command(flatten)]
    runtime: RuntimeArg,
    /// Threads within one run
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// Least number of runs before measuring; warming up also takes half a second, and until three runs are steady
    #[arg(long, default_value_t = 3, value_name = "N")]
    warmup: usize,
    /// Runs that are measured: 20 for a median, 64 for the 90th percentile, 662 for the 99th
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Measure for so long instead, with times and temperature for each minute: what a device can keep up
    #[arg(long, value_name = "N", value_parser = positive, conflicts_with = "runs")]
    minutes: Option<f64>,
    /// Inputs per run, where the model leaves it open; with commas between them, one after the other
    #[arg(long, value_name = "N,...", value_delimiter = ',')]
    batch: Vec<usize>,
    /// Shape of one input, where the model leaves it open; with commas between them, one after the other
    #[arg(long, value_name = "CxHxW,...", value_delimiter = ',', value_parser = sizes)]
    input: Vec<Sizes>,
    /// Run the models in turn instead: each finds the caches as the others leave them
    #[arg(long, conflicts_with = "minutes")]
    in_turn: bool,
    /// Stay on this core (several for --threads: 2,3), or on the fastest idle one: auto
    #[arg(long, value_name = "CORE")]
    pin: Option<Pin>,
    /// Then time every node too: beside its multiply-adds, bytes and edge of the genotype
    #[arg(long, conflicts_with = "in_turn")]
    profile: bool,
    #[command(flatten)]
    provider: ProviderArgs,
    #[command(flatten)]
    on: OnArgs,
    /// Keep the result of each model in this folder as it comes, and do not measure again what is there; with --on
    #[arg(long, value_name = "FOLDER", help_heading = "Device")]
    keep: Option<std::path::PathBuf>,
}

/// The input is random with this seed.
pub(crate) const SEED: u64 = 0;

/// Wall over CPU time from which on a measurement counts as disturbed by other programs.
const CONTENDED: f64 = 1.2;

/// Measures one model after the other.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    if let Some(place) = args.on.place()? {
        return remote::run(args, context, place);
    }
    let runtime = args.runtime.get();
    let about_runtime = runtime.about(&args.options(context, Vec::new())?)?;
    let files: Vec<ModelFile> = args.models.iter().map(|path| ModelFile::open(path)).collect::<Result<_>>()?;
    let environment = Environment::here();
    let pinned = pin(args.pin.as_ref(), args.threads, context)?;
    let models = if args.in_turn {
        in_turn(args, context, &files)?
    } else {
        let each = |file| args.shapes().map(move |shape| measure(args, context, file, &shape));
        files.iter().flat_map(each).collect::<Result<_>>()?
    };
    context.print(&Latencies {
        kind: KIND.into(),
        schema: SCHEMA,
        environment,
        runtime: runtime.name().into(),
        about_runtime,
        threads: args.threads,
        pinned,
        runs: args.minutes.is_none().then_some(args.runs),
        in_turn: args.in_turn,
        minutes: args.minutes,
        seed: SEED,
        clock: args.protocol().clock(),
        models,
    })?;
    Ok(Verdict::Done)
}

/// Keeps this thread where it is asked to be; the cores.
pub(crate) fn pin(pin: Option<&Pin>, threads: u16, context: &Context) -> Result<Option<Vec<usize>>> {
    let Some(pin) = pin else { return Ok(None) };
    let cores = pin.apply(threads.into())?;
    if cores.is_none() {
        context.talk.note("this system does not let a program choose its cores; measuring without --pin");
    }
    Ok(cores)
}

impl Args {
    fn options(&self, context: &Context, shape: Vec<usize>) -> Result<Options> {
        self.provider.apply(context.options(shape, self.threads.into()))
    }

    fn protocol(&self) -> Protocol {
        let cpu = if self.threads == 1 { Cpu::Thread } else { Cpu::Process };
        let length = self.minutes.map_or(Length::Runs(self.runs as usize), Length::Minutes);
        Protocol { warmup: self.warmup, length, cpu }
    }

    /// Every batch with every input.
    fn shapes(&self) -> impl Iterator<Item = ShapeArgs> {
        let (batches, inputs) = (or_none(&self.batch), or_none(&self.input));
        inputs.into_iter().flat_map(move |input| {
            let shapes =
                batches.clone().into_iter().map(move |batch| ShapeArgs { batch, input: input.clone() });
            shapes.collect::<Vec<_>>()
        })
    }
}

/// All of a list, or once nothing.
fn or_none<T: Clone>(list: &[T]) -> Vec<Option<T>> {
    if list.is_empty() { vec![None] } else { list.iter().cloned().map(Some).collect() }
}

fn measure(args: &Args, context: &Context, file: &ModelFile, shape: &ShapeArgs) -> Result<ModelLatency> {
    let Loaded { shape, entrant: (mut session, input), load, memory, placed } =
        load(args, context, file, shape)?;
    let latency = args.protocol().measure(session.as_mut(), &input)?;
    let memory = memory.map(Memory::with_peak);
    let options = args.options(context, shape.clone())?;
    let profile = || profile::profile(args.runtime.get(), file, &options, &input, &latency, args.protocol());
    let profile = args.profile.then(profile).transpose()?;
    let row = row(args, context, file, &latency);
    Ok(ModelLatency { input: shape, load, memory, placed, profile, ..row })
}

/// All of them in one process, each on inputs of the first shape.
fn in_turn(args: &Args, context: &Context, files: &[ModelFile]) -> Result<Vec<ModelLatency>> {
    let shape = args.shapes().next().unwrap_or_default();
    let loaded = files.iter().map(|file| load(args, context, file, &shape));
    let loaded: Vec<Loaded> = loaded.collect::<Result<_>>()?;
    let (about, mut entrants): (Vec<_>, Vec<_>) =
        loaded.into_iter().map(|one| ((one.shape, one.load, one.placed), one.entrant)).unzip();
    let found = args.protocol().in_turn(args.runs as usize, &mut entrants)?;
    let rows = files.iter().zip(about).zip(&found).map(|((file, (input, load, placed)), latency)| {
        let row = row(args, context, file, latency);
        ModelLatency { input, load, placed, overhead: None, ..row }
    });
    Ok(rows.collect())
}

/// A model in its runtime.
struct Loaded {
    shape: Vec<usize>,
    entrant: Entrant,
    load: Time,
    memory: Option<Memory>,
    /// Which nodes ran where, where providers were asked for.
    placed: Option<Vec<Placed>>,
}

fn load(args: &Args, context: &Context, file: &ModelFile, shape: &ShapeArgs) -> Result<Loaded> {
    let shape = shape.running(file, 1)?;
    let input = Random::new(SEED).values(shape.iter().product());
    let options = args.options(context, shape.clone())?;
    let placed = provider::prove(args.runtime.get(), file, &options, &input, context)?;
    let watch = Watch::start();
    // Several threads may help to load, so its CPU time is the process's.
    let (session, load) = Cpu::Process.time(|| args.runtime.get().load(file, &options));
    let memory = watch.loaded();
    Ok(Loaded { shape, entrant: (session?, input), load: load.into(), memory, placed })
}

/// What the runs of a model say.
fn row(args: &Args, context: &Context, file: &ModelFile, latency: &Latency) -> ModelLatency {
    let contended = latency.wall_over_cpu().filter(|_| args.threads == 1).map(|ratio| ratio > CONTENDED);
    if contended == Some(true) {
        context.talk.note(&format!("{}: other programs were running; trust the CPU time", file.name()));
    }
    ModelLatency { model: file.name(), contended, ..ModelLatency::of_runs(latency, args.minutes.is_none()) }
}
