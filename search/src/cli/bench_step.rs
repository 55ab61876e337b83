//! `noisydarts-search bench-step`.

use std::path::{Path, PathBuf};

use models::clock::{Cpu, Took};
use models::genotype::Genotype;
use serde_json::{Value, json};
use tch::{Device, Tensor};

use crate::benchmark::machine;
use crate::checkpoint::Position;
use crate::config::Config;
use crate::data::Images;
use crate::device;
use crate::engine::{Fault, Job};
use crate::error::Error;
use crate::meter::Meter;
use crate::net::{Shortcut, Shortcuts, part, profile};
use crate::precision::Precision;
use crate::report::flame;
use crate::retrain::Retrain;
use crate::search::Search;
use crate::tensor_file::{self, Metadata};

use super::common::{Means, Settings, deliver};
use super::{Done, Ended, train};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Search space (see `spaces`).
    #[arg(long, default_value = "darts")]
    space: String,
    /// Search method (see `methods`).
    #[arg(long, default_value = "noisydarts")]
    method: String,
    /// Time steps of a training of this genotype (a file, or zoo:NAME) instead of a search's.
    #[arg(long, value_name = "GENOTYPE", conflicts_with_all = ["space", "method"])]
    retrain: Option<String>,
    /// Channels of the first cells; by default the published number, as for cells and batch.
    #[arg(long)]
    channels: Option<usize>,
    /// Cells; those per stage in NAS-Bench-201.
    #[arg(long)]
    cells: Option<usize>,
    /// Images per step.
    #[arg(long)]
    batch: Option<usize>,
    /// Height and width of the images.
    #[arg(long, default_value_t = 32)]
    size: usize,
    /// Timed steps.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Steps before those.
    #[arg(long, default_value_t = 1)]
    warmup: u32,
    /// Where the images are.
    #[arg(long, default_value = "embedded", value_name = "SOURCE")]
    data: String,
    /// Any other value, by its dotted key; may be repeated: --set noise.sigma=0
    #[arg(long = "set", value_name = "KEY=VALUE")]
    assignments: Vec<String>,
    /// Root of all random draws.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads of libtorch; 0 for one per core.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    #[command(flatten)]
    means: Means,
    /// Leave out what makes steps faster and changes no result; several names with commas between them.
    #[arg(long, value_name = "SHORTCUT", value_delimiter = ',')]
    without: Vec<Shortcut>,
    /// auto, cpu, cuda or cuda:N.
    #[arg(long, default_value = "auto")]
    device: String,
    /// Write what the first step starts from, for another program to start from: weights by name, alphas, batches.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Measure every node by itself too: a table by kind of node on stderr, all nodes in the JSON, this picture.
    #[arg(long, value_name = "SVG")]
    profile: Option<PathBuf>,
}

impl Args {
    /// Whether this is left out.
    pub(super) fn leaves_out(&self, shortcut: Shortcut) -> bool {
        self.without.contains(&shortcut)
    }
}

pub(super) fn bench_step(args: &Args) -> Done {
    let device = device::by_name(&args.device)?;
    let genotype = args.retrain.as_deref().map(train::load_genotype).transpose()?;
    let shortcuts = Shortcuts::without(&args.without);
    let config = Config { shortcuts, ..settings(args, genotype.as_ref())? };
    let images = Images::load(&config)?;
    let mut job: Box<dyn Job> = match genotype {
        Some(genotype) => Box::new(Retrain::new(&config, &images, genotype, device)?),
        None => Box::new(Search::new(&config, &images, device)?),
    };
    if let Some(path) = &args.save {
        save(path, job.as_mut())?;
    }
    let mut result = measure(args, job.as_mut(), device)?;
    for (key, value) in described(args, &config, device) {
        result[key] = value;
    }
    if let Some(path) = &args.profile {
        let nodes = job.profile(REPETITIONS);
        eprint!("{}", profile::by_kind(&nodes));
        deliver(&flame::picture(&nodes), Some(path))?;
        result["profile"] = json!(nodes);
    }
    put_line!("{result}");
    Ok(Ended::Done)
}

fn settings(args: &Args, genotype: Option<&Genotype>) -> Result<Config, Error> {
    let part = if genotype.is_some() { "retrain" } else { "search" };
    let sizes = [("channels", args.channels), ("cells", args.cells), ("batch", args.batch)];
    let given = sizes.iter().filter_map(|(key, value)| Some(format!("{part}.{key}={}", (*value)?)));
    let mut assignments = args.assignments.clone();
    assignments.extend(given);
    assignments.push(format!("data.size=\"{0}x{0}\"", args.size));
    let settings = Settings::of("paper", assignments, &args.data, args.seed, Some(args.threads), args.means);
    let space = match genotype {
        Some(genotype) => train::own_space(genotype),
        None => Some(args.space.as_str()),
    };
    settings.resolve(&[("space", space), ("method", Some(&args.method))])
}

/// The weights by their names, what else the search trains, and the first batches.
fn save(path: &Path, job: &mut dyn Job) -> Result<(), Error> {
    let mut tensors = Vec::new();
    for (name, value) in job.state() {
        if name == "weights" {
            let slots = job.layout().weights.iter();
            tensors.extend(slots.map(|slot| (slot.name.clone(), part(&value, slot).contiguous())));
        } else {
            tensors.push((name, value));
        }
    }
    for (at, batch) in job.batches(FIRST).into_iter().enumerate() {
        tensors.extend([(format!("images.{at}"), batch.images), (format!("labels.{at}"), batch.labels)]);
    }
    let on_cpu: Vec<(String, Tensor)> =
        tensors.into_iter().map(|(name, tensor)| (name, tensor.to_device(Device::Cpu))).collect();
    tensor_file::write(path, &on_cpu, &Metadata::new())
}

/// Runs the steps; medians over those that are timed, the losses of all.
fn measure(args: &Args, job: &mut dyn Job, device: Device) -> Result<Value, Error> {
    let [mut wall, mut cpu, mut data] = [const { Vec::<f64>::new() }; 3];
    let mut losses: Vec<Vec<f64>> = Vec::new();
    for step in 0..args.warmup + args.steps {
        let at = position(step as usize, job.steps());
        let before = job.meters();
        let (ended, took) = Cpu::Process.time(|| one_step(job, at, device));
        ended.map_err(|fault| failed(fault, at))?;
        losses.push(since(&before, &job.meters()));
        let (_, reading) = Cpu::Process.time(|| job.batches(at));
        if step >= args.warmup {
            let Took { wall: milliseconds, cpu: busy } = took;
            wall.push(milliseconds / 1e3);
            cpu.extend(busy.map(|busy| busy / 1e3));
            data.push(reading.wall / 1e3);
        }
    }
    let of = |at: usize| losses.iter().map(|step| step.get(at).copied()).collect::<Vec<_>>();
    Ok(json!({
        "wall_s": median(wall),
        "cpu_s": median(cpu),
        "data_s": median(data),
        "peak_rss_mb": machine::peak_memory().map(|kib| kib / 1024),
        "peak_gpu_mb": null,
        "weight_params": job.layout().weight_count(),
        "losses": of(0),
        "alpha_losses": of(1),
    }))
}

/// How often each node of a profile is run.
const REPETITIONS: usize = 3;
const FIRST: Position = Position { epoch: 0, step: 0 };

const fn position(step: usize, steps: usize) -> Position {
    Position { epoch: step / steps, step: step % steps }
}

/// A step, to its end on the device.
fn one_step(job: &mut dyn Job, at: Position, device: Device) -> Result<(), Fault> {
    job.step(at)?;
    job.settle()?;
    if let Device::Cuda(index) = device {
        tch::Cuda::synchronize(index as i64);
    }
    Ok(())
}

fn failed(Fault { what, node }: Fault, Position { epoch, step }: Position) -> Error {
    Error::NotFinite { what, epoch, step, node, checkpoint: "none".into() }
}

/// The mean loss of what came in between.
fn since(before: &[Meter], after: &[Meter]) -> Vec<f64> {
    let pairs = before.iter().zip(after);
    pairs.map(|(before, after)| (after.loss - before.loss) / (after.images - before.images)).collect()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

/// What was measured, and where.
fn described(args: &Args, config: &Config, device: Device) -> [(&'static str, Value); 14] {
    let (channels, cells, batch) = if args.retrain.is_some() {
        (config.retrain.channels, config.retrain.cells, config.retrain.batch)
    } else {
        (config.search.channels, config.search.cells, config.search.batch)
    };
    let device = match device {
        Device::Cuda(_) => "cuda",
        _ => "cpu",
    };
    [
        ("torch", json!(machine::LIBTORCH)),
        ("device", json!(device)),
        ("threads", json!(config.threads)),
        ("space", json!(config.space)),
        ("method", json!(args.retrain.as_ref().unwrap_or(&config.method))),
        ("retrain", json!(args.retrain.is_some())),
        ("channels", json!(channels)),
        ("cells", json!(cells)),
        ("batch", json!(batch)),
        ("size", json!(args.size)),
        ("channels_last", json!(!args.leaves_out(Shortcut::ChannelsLast))),
        ("amp", json!(config.precision == Precision::Bf16)),
        ("precision", json!(config.precision)),
        ("memory", json!(config.memory)),
    ]
}
