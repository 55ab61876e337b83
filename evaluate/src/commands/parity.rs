//! `parity`: how far runtimes, and the network that was trained, are from each other.

use std::path::PathBuf;

use models::data::{Dataset, Source, Split};
use serde::Serialize;

use super::{Verdict, shape::ShapeArgs};
use crate::{
    cli::Context,
    error::{Error, Result},
    feed::{Inputs, Job, Logits, Noise, Pictures, cores},
    input::InputArgs,
    measure::compare::Difference,
    predictions::{self, Predictions},
    report::{Report, Table},
    runtimes::{RUNTIMES, Runtime},
    subject::ModelFile,
};

/// Arguments of `parity`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ONNX file
    model: PathBuf,
    /// Pictures to run on, as for `accuracy`; random numbers otherwise
    #[arg(long, value_name = "SOURCE")]
    data: Option<String>,
    /// How many inputs [default: all of the reference's, otherwise 256]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    inputs: Option<u32>,
    /// Logits of the trained network for the first pictures of the test split, as noisydarts-search writes them
    #[arg(long, value_name = "FILE", requires = "data")]
    reference: Option<PathBuf>,
    /// The largest difference allowed: max |a - b| / max |b|, over all inputs and classes
    #[arg(long, default_value_t = 1e-5, value_name = "X")]
    tolerance: f64,
    /// Runtimes to compare [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(RUNTIMES.iter().map(|runtime| runtime.name())))]
    runtime: Vec<String>,
    #[command(flatten)]
    shape: ShapeArgs,
    #[command(flatten)]
    input: InputArgs,
}

#[derive(Serialize)]
struct Parity {
    model: String,
    /// The data, or `random`.
    data: String,
    inputs: usize,
    /// Limit for `max_relative`.
    tolerance: f64,
    holds: bool,
    comparisons: Vec<Comparison>,
}

#[derive(Serialize)]
struct Comparison {
    a: String,
    b: String,
    #[serde(flatten)]
    difference: Difference,
    holds: bool,
}

/// Runs the model in every runtime and compares.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    let file = ModelFile::open(&args.model)?;
    let reference = args.reference.as_deref().map(predictions::read).transpose()?;
    let source: Option<Source> = args.data.as_deref().map(str::parse).transpose()?;
    let known = reference.as_ref().map(|reference| reference.logits.rows().count());
    let wanted =
        args.inputs.map_or(known.unwrap_or(256), |asked| known.unwrap_or(usize::MAX).min(asked as usize));
    let (results, inputs) = if let Some(source) = &source {
        pictures(args, context, &file, source, wanted, reference.as_ref())?
    } else {
        let shape = args.shape.running(&file, wanted.min(32))?;
        (logits(args, context, &file, &Noise { count: wanted }, &shape)?, wanted)
    };
    let reference = reference.map(|reference| (args.reference_name(), head(reference.logits, inputs)));
    let comparisons = compare(&file, reference.into_iter().chain(results).collect(), args.tolerance)?;
    let holds = comparisons.iter().all(|comparison| comparison.holds);
    let data = source.map_or_else(|| "random".into(), |source| source.to_string());
    context.print(&Parity {
        model: file.name(),
        data,
        inputs,
        tolerance: args.tolerance,
        holds,
        comparisons,
    })?;
    Ok(if holds { Verdict::Done } else { Verdict::Violated })
}

impl Args {
    fn runtimes(&self) -> impl Iterator<Item = &'static dyn Runtime> {
        let wanted = |runtime: &&dyn Runtime| {
            self.runtime.is_empty() || self.runtime.iter().any(|name| name == runtime.name())
        };
        RUNTIMES.iter().copied().filter(wanted)
    }

    fn reference_name(&self) -> String {
        self.reference.as_ref().map(|path| path.display().to_string()).unwrap_or_default()
    }
}

/// Results on the first pictures of the test split, and how many these are.
fn pictures(
    args: &Args,
    context: &Context,
    file: &ModelFile,
    source: &Source,
    wanted: usize,
    reference: Option<&Predictions>,
) -> Result<(Vec<(String, Logits)>, usize)> {
    let (spec, _) = args.input.resolve(file, source, context.talk)?;
    let dataset = source.load(Split::Test)?;
    if let Some(reference) = reference {
        check_labels(args, &dataset, reference)?;
    }
    let count = wanted.min(dataset.len());
    let batch = crate::input::batch(file, args.shape.batch, count.clamp(1, 32))?;
    let shape = [batch, models::input::CHANNELS, spec.size[0], spec.size[1]];
    let pictures = Pictures { dataset: &dataset, spec: &spec, count };
    Ok((logits(args, context, file, &pictures, &shape)?, count))
}

/// The reference must be of the same pictures, as far as labels can tell.
fn check_labels(args: &Args, dataset: &Dataset, reference: &Predictions) -> Result<()> {
    let bad = |problem| Error::Predictions { path: args.reference.clone().unwrap_or_default(), problem };
    let Some(labels) = &reference.labels else { return Ok(()) };
    if labels.len() > dataset.len() {
        return Err(bad(format!("it is of {} pictures, {} has {}", labels.len(), dataset.name, dataset.len())));
    }
    let own = dataset.labels().iter().copied().map(i64::from);
    match labels.iter().zip(own).position(|(label, own)| *label != own) {
        Some(i) => Err(bad(format!(
            "its label {i} is {}, that of {} is {}: other pictures",
            labels[i],
            dataset.name,
            dataset.label(i)
        ))),
        None => Ok(()),
    }
}

fn logits(
    args: &Args,
    context: &Context,
    file: &ModelFile,
    inputs: &dyn Inputs,
    shape: &[usize],
) -> Result<Vec<(String, Logits)>> {
    let each = args.runtimes().map(|runtime| {
        let options = context.options(shape.to_vec(), 1);
        let bar = context.talk.bar(inputs.len(), runtime.name());
        let logits = Job { file, runtime, options, workers: cores() }.run(inputs, &bar);
        bar.finish_and_clear();
        logits.map(|logits| (runtime.name().to_string(), logits))
    });
    each.collect()
}

fn head(logits: Logits, count: usize) -> Logits {
    let values = logits.values.into_iter().take(count * logits.classes).collect();
    Logits { classes: logits.classes, values }
}

/// Every later result against every earlier one.
fn compare(file: &ModelFile, results: Vec<(String, Logits)>, tolerance: f64) -> Result<Vec<Comparison>> {
    if results.len() < 2 {
        return Err(Error::Flag {
            flag: "--runtime",
            problem: "a comparison needs two runtimes, or one and a --reference".into(),
        });
    }
    let mut comparisons = Vec::new();
    for (i, (b, expected)) in results.iter().enumerate() {
        for (a, found) in &results[i + 1..] {
            if found.classes != expected.classes {
                return Err(file.misfit(format!(
                    "it gives {} numbers per input in {a}, {} in {b}",
                    found.classes, expected.classes
                )));
            }
            let difference = Difference::new(found, expected);
            let holds = difference.max_relative <= tolerance;
            comparisons.push(Comparison { a: a.clone(), b: b.clone(), difference, holds });
        }
    }
    Ok(comparisons)
}

impl Report for Parity {
    fn tables(&self) -> Vec<Table> {
        let mut table =
            Table::new(&["a", "b", "max |a-b| / max |b|", "max |a-b|", "worst input", "same top-1", ""]);
        for Comparison { a, b, difference, holds } in &self.comparisons {
            table.row(&[
                a.clone(),
                b.clone(),
                format!("{:.2e}", difference.max_relative),
                format!("{:.2e}", difference.max_absolute),
                difference.worst_input.to_string(),
                format!("{} of {}", difference.top1_equal, self.inputs),
                if *holds { "holds" } else { "DOES NOT HOLD" }.to_string(),
            ]);
        }
        let Self { inputs, data, tolerance, model, .. } = self;
        table.note(format!("{inputs} inputs ({data}), tolerance {tolerance:e}: {model}"));
        vec![table]
    }
}
