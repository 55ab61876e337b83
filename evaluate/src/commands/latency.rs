//! `latency`: time per run, on one thread unless asked otherwise.

use models::clock::{Cpu, Took};
use serde::Serialize;

use super::{Verdict, shape::ShapeArgs};
use crate::{
    cli::{Context, RuntimeArg},
    error::Result,
    measure::{
        latency::{Latency, Protocol},
        quantile::Times,
    },
    random::Random,
    report::{Report, Table, milliseconds},
    subject::ModelFile,
};

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
    #[command(flatten)]
    shape: ShapeArgs,
}

/// The input is random with this seed.
const SEED: u64 = 0;

/// Wall over CPU time from which on a measurement counts as disturbed by other programs.
const CONTENDED: f64 = 1.2;

/// Times of one model, all in milliseconds.
#[derive(Serialize)]
struct ModelLatency {
    model: String,
    /// Shape of the input, batch included.
    input: Vec<usize>,
    /// Reading the file into the runtime and optimising it.
    load: Time,
    /// The first run after that.
    first: Time,
    /// Runs before measuring, the first one included.
    warmup_runs: usize,
    /// Whether these ended in three steady runs.
    steady: bool,
    wall: Times,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu: Option<Times>,
    /// Median of wall over CPU time.
    #[serde(skip_serializing_if = "Option::is_none")]
    wall_over_cpu: Option<f64>,
    /// Whether other programs disturbed the measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    contended: Option<bool>,
}

#[derive(Clone, Copy, Serialize)]
struct Time {
    wall: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu: Option<f64>,
}

impl From<Took> for Time {
    fn from(Took { wall, cpu }: Took) -> Self {
        Self { wall, cpu }
    }
}

#[derive(Serialize)]
struct Latencies {
    runtime: &'static str,
    about_runtime: String,
    threads: u16,
    runs: u32,
    /// Seed of the random input, uniform in `[-2, 2)`.
    seed: u64,
    /// Times in milliseconds; CPU time is the measuring thread's, or the process's with several threads.
    models: Vec<ModelLatency>,
}

/// Measures one model after the other.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    let runtime = args.runtime.get();
    let about_runtime = runtime.about(&context.options(Vec::new(), args.threads.into()))?;
    let models = args
        .models
        .iter()
        .map(|path| measure(args, context, &ModelFile::open(path)?))
        .collect::<Result<_>>()?;
    let (threads, runs) = (args.threads, args.runs);
    context.print(&Latencies { runtime: runtime.name(), about_runtime, threads, runs, seed: SEED, models })?;
    Ok(Verdict::Done)
}

fn measure(args: &Args, context: &Context, file: &ModelFile) -> Result<ModelLatency> {
    let shape = args.shape.running(file, 1)?;
    let input = Random::new(SEED).values(shape.iter().product());
    let cpu = if args.threads == 1 { Cpu::Thread } else { Cpu::Process };
    let options = context.options(shape.clone(), args.threads.into());
    // Several threads may help to load, so its CPU time is the process's.
    let (session, load) = Cpu::Process.time(|| args.runtime.get().load(file, &options));
    let protocol = Protocol { warmup: args.warmup, runs: args.runs as usize, cpu };
    let Latency { first, warmup, steady, wall, cpu, ratio } = protocol.measure(session?.as_mut(), &input)?;
    let contended = ratio.filter(|_| args.threads == 1).map(|ratio| ratio > CONTENDED);
    if contended == Some(true) {
        context.talk.note(&format!("{}: other programs were running; trust the CPU time", file.name()));
    }
    let (load, first) = (load.into(), first.into());
    Ok(ModelLatency {
        model: file.name(),
        input: shape,
        load,
        first,
        warmup_runs: warmup,
        steady,
        wall,
        cpu,
        wall_over_cpu: ratio,
        contended,
    })
}

impl Report for Latencies {
    fn tables(&self) -> Vec<Table> {
        let heads = ["model", "", "load", "first", "min", "p50", "p90", "p99", "wall/cpu"];
        let mut table = Table::new(&heads);
        for model in &self.models {
            let row = |name: &str,
                       clock: &str,
                       load: Option<f64>,
                       first: Option<f64>,
                       times: &Times,
                       last: String| {
                let times = [load, first, Some(times.min), times.p50, times.p90, times.p99].map(milliseconds);
                [vec![name.to_string(), clock.to_string()], times.to_vec(), vec![last]].concat()
            };
            if let Some(cpu) = &model.cpu {
                table.row(&row(&model.model, "cpu", model.load.cpu, model.first.cpu, cpu, String::new()));
            }
            let flag = if model.contended == Some(true) { " contended" } else { "" };
            let ratio = model.wall_over_cpu.map(|ratio| format!("{ratio:.2}{flag}")).unwrap_or_default();
            table.row(&row(
                &model.model,
                "wall",
                Some(model.load.wall),
                Some(model.first.wall),
                &model.wall,
                ratio,
            ));
        }
        let threads = if self.threads == 1 { "1 thread".into() } else { format!("{} threads", self.threads) };
        let unsteady =
            if self.models.iter().all(|m| m.steady) { "" } else { "; warm-up did not become steady" };
        table.note(format!(
            "milliseconds; {} runs after warm-up; {threads}; {}{unsteady}",
            self.runs, self.about_runtime
        ));
        vec![table]
    }
}
