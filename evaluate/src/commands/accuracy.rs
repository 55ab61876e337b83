//! `accuracy`: top-1 and top-5 on labelled pictures.

use std::{path::PathBuf, time::Instant};

use models::{
    data::{Dataset, Source, Split},
    input::InputSpec,
    onnx::Dim,
};
use serde::Serialize;

use super::Verdict;
use crate::{
    cli::{Context, RuntimeArg},
    error::{Error, Result},
    feed::{Job, Logits, Pictures, cores},
    input::{self, InputArgs, Origin},
    measure::top::{Share, rank},
    predictions,
    report::{Report, Table, count, percent},
    subject::ModelFile,
};

/// Arguments of `accuracy`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ONNX file
    model: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    /// Pictures per run, where the model leaves it open [default: 32]
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    #[command(flatten)]
    runtime: RuntimeArg,
    /// Batches run at a time, each on a thread of its own [default: one per core]; pictures are prepared on free cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    #[command(flatten)]
    input: InputArgs,
    /// Write logits and labels to this safetensors file
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
}

/// Which pictures.
#[derive(Debug, clap::Args)]
struct DataArgs {
    /// embedded, cifar10:DIR, cifar100:DIR, svhn:DIR, mnist:DIR, fashion-mnist:DIR, folder:DIR
    #[arg(long, value_name = "SOURCE")]
    data: String,
    /// Which part of it
    #[arg(long, default_value = "test", value_parser = ["train", "test"])]
    split: String,
    /// Only the first N pictures
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Accuracy {
    model: String,
    data: String,
    split: String,
    pictures: usize,
    classes: usize,
    top1: Share,
    /// Left out where there are five classes or fewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    top5: Option<Share>,
    runtime: &'static str,
    about_runtime: String,
    threads: usize,
    batch: usize,
    seconds: f64,
    input: InputSpec,
    input_from: Origin,
}

/// Runs the model over the pictures.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    let file = ModelFile::open(&args.model)?;
    let source: Source = args.data.data.parse()?;
    let (spec, input_from) = args.input.resolve(&file, &source, context.talk)?;
    let dataset = source.load(if args.data.split == "train" { Split::Train } else { Split::Test })?;
    let pictures = args.data.limit.map_or(dataset.len(), |limit| dataset.len().min(limit as usize));
    check_classes(&file, &dataset)?;
    if let Some(path) = &args.predictions {
        predictions::check(path)?;
    }
    let batch = input::batch(&file, args.batch, pictures.clamp(1, 32))?;
    let threads = args.threads.map_or_else(cores, usize::from);
    let options = context.options(vec![batch, models::input::CHANNELS, spec.size[0], spec.size[1]], 1);
    let runtime = args.runtime.get();
    let about_runtime = runtime.about(&options)?;
    let job = Job { file: &file, runtime, options, workers: threads };
    let bar = context.talk.bar(pictures, "pictures");
    let start = Instant::now();
    let logits = job.run(&Pictures { dataset: &dataset, spec: &spec, count: pictures }, &bar)?;
    let seconds = start.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let [top1, top5] = score(&file, &dataset, &logits)?;
    if let Some(path) = &args.predictions {
        let labels: Vec<i64> = dataset.labels()[..pictures].iter().copied().map(i64::from).collect();
        predictions::write(path, &logits, &labels)?;
    }
    context.print(&Accuracy {
        model: file.name(),
        data: source.to_string(),
        split: args.data.split.clone(),
        pictures,
        classes: logits.classes,
        top1,
        top5: Some(top5).filter(|_| logits.classes > 5),
        runtime: runtime.name(),
        about_runtime,
        threads,
        batch,
        seconds,
        input: spec,
        input_from,
    })?;
    Ok(Verdict::Done)
}

/// Where the file says how many classes there are, before anything is run.
fn check_classes(file: &ModelFile, dataset: &Dataset) -> Result<()> {
    let output = file.model.graph.outputs.first().and_then(|output| output.dims.as_deref());
    match output {
        Some([_, Dim::Fixed(classes)]) => fits(file, dataset, *classes),
        _ => Ok(()),
    }
}

fn fits(file: &ModelFile, dataset: &Dataset, classes: usize) -> Result<()> {
    if classes == dataset.classes.len() {
        return Ok(());
    }
    Err(file.misfit(format!(
        "it tells {classes} classes apart, but {} has {}",
        dataset.name,
        dataset.classes.len()
    )))
}

/// Top-1 and top-5.
fn score(file: &ModelFile, dataset: &Dataset, logits: &Logits) -> Result<[Share; 2]> {
    fits(file, dataset, logits.classes)?;
    let ranks: Vec<usize> =
        logits.rows().enumerate().map(|(i, scores)| rank(scores, dataset.label(i))).collect();
    if ranks.is_empty() {
        return Err(Error::Flag { flag: "--data", problem: format!("{} holds no pictures", dataset.name) });
    }
    Ok([1, 5].map(|k| Share::new(ranks.iter().filter(|&&rank| rank < k).count(), ranks.len())))
}

impl Report for Accuracy {
    fn tables(&self) -> Vec<Table> {
        let mut table = Table::pairs();
        table.pair("model", &self.model);
        table.pair(
            "data",
            format!(
                "{} ({}, {} pictures, {} classes)",
                self.data,
                self.split,
                count(self.pictures as u64),
                self.classes
            ),
        );
        for (name, share) in [("top-1", Some(&self.top1)), ("top-5", self.top5.as_ref())] {
            if let Some(Share { correct, percent: value, interval: [low, high] }) = share {
                table.pair(
                    name,
                    format!(
                        "{}  ({correct} of {}; 95 % interval {low:.2} to {high:.2} %)",
                        percent(*value),
                        self.pictures
                    ),
                );
            }
        }
        table
            .pair("runtime", format!("{}; {} threads, batch {}", self.about_runtime, self.threads, self.batch));
        let InputSpec { size: [height, width], mean, std, .. } = &self.input;
        table.pair("input", format!("{height}x{width}, mean {mean:?}, std {std:?}, from {}", self.input_from));
        table.pair(
            "time",
            format!("{:.1} s, {:.0} pictures/s", self.seconds, self.pictures as f64 / self.seconds),
        );
        vec![table]
    }
}
