//! `accuracy`: top-1 and top-5 on labelled pictures, by class, and beside another model.

mod data;
mod judge;
mod mistakes;
mod remote;
mod result;

use std::path::{Path, PathBuf};

use models::files::write_atomic;

use super::Verdict;
use crate::{
    cli::{Context, RuntimeArg},
    device::OnArgs,
    error::{Error, Result},
    measure::system::environment::Environment,
    predictions::{self, Predictions},
    report::matrix,
    subject::ModelFile,
};
pub(crate) use data::{DataArgs, Test, chosen};
pub(crate) use judge::{Judged, RunArgs, alone};
pub(crate) use mistakes::{Mistake, sheet};
use result::{Accuracy, Against, Class, KIND, SCHEMA};

/// Arguments of `accuracy`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ONNX file
    model: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    /// Another ONNX file for the same pictures: by how much it differs, and whether that may be chance (McNemar's exact test)
    #[arg(long, value_name = "MODEL")]
    against: Option<PathBuf>,
    #[command(flatten)]
    runtime: RuntimeArg,
    #[command(flatten)]
    run: RunArgs,
    /// Write logits and labels to this safetensors file
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    predictions: Option<PathBuf>,
    /// Draw which classes are taken for which into this SVG file
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    confusion: Option<PathBuf>,
    /// Show the 40 worst mistakes in this SVG file, and put their pictures into JSON
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    mistakes: Option<PathBuf>,
    #[command(flatten)]
    on: OnArgs,
}

/// Runs the model, or both, over the pictures.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    if let Some(place) = args.on.place()? {
        return remote::run(args, context, place);
    }
    let file = ModelFile::open(&args.model)?;
    let other = args.against.as_deref().map(ModelFile::open).transpose()?;
    let test = args.data.load(args.data.source()?, &file, args.run.class_offset(&file)?)?;
    args.files().try_for_each(writable)?;
    let judge = |file: &ModelFile| Judged::new(&args.run, args.runtime.get(), context, file, &test);
    let judged = judge(&file)?;
    let against = other.map(|other| judge(&other).map(|second| Against::new(other.name(), &judged, second)));
    let accuracy = describe(args, &file, &test, &judged, against.transpose()?)?;
    args.write(&test, &judged, &accuracy)?;
    context.print(&accuracy)?;
    Ok(Verdict::Done)
}

impl Args {
    fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.predictions, &self.confusion, &self.mistakes].into_iter().filter_map(Option::as_deref)
    }

    fn write(&self, test: &Test, judged: &Judged, accuracy: &Accuracy) -> Result<()> {
        if let Some(path) = &self.predictions {
            let labels = test.labels().map(|label| label as i64).collect();
            let pictures = test.chosen.iter().map(|&at| at as i64).collect();
            let predictions = Predictions {
                logits: judged.logits.clone(),
                labels: Some(labels),
                pictures: test.seed.map(|_| pictures),
            };
            predictions::write(path, &predictions)?;
        }
        let names = &test.dataset.classes;
        if let Some(path) = &self.confusion {
            save(path, &matrix::svg(&judged.confusion, names))?;
        }
        if let Some(path) = &self.mistakes {
            let wrong = accuracy.pictures - accuracy.top1.correct;
            save(path, &mistakes::sheet(&accuracy.mistakes, names, wrong))?;
        }
        Ok(())
    }
}

fn save(path: &Path, text: &str) -> Result<()> {
    let failed = |source: std::io::Error| Error::Write { path: path.into(), source: source.into() };
    write_atomic(path, text.as_bytes()).map_err(failed)
}

fn describe(
    args: &Args,
    file: &ModelFile,
    test: &Test,
    judged: &Judged,
    against: Option<Against>,
) -> Result<Accuracy> {
    Ok(Accuracy {
        kind: KIND,
        schema: SCHEMA,
        environment: Environment::here(),
        model: file.name(),
        data: test.source.to_string(),
        split: args.data.split.clone(),
        pictures: test.chosen.len(),
        of: test.dataset.len(),
        seed: test.seed,
        classes: judged.logits.classes,
        class_offset: judged.class_offset,
        top1: judged.top(1),
        top5: judged.top5(),
        against,
        runtime: args.runtime.get().name(),
        about_runtime: judged.about_runtime.clone(),
        threads: judged.threads,
        batch: judged.batch,
        seconds: judged.seconds,
        input: judged.spec.clone(),
        input_from: judged.input_from,
        by_class: Class::all(&judged.confusion, &test.dataset.classes),
        confused: judged.confusion.confused(),
        mistakes: judged.mistakes(test, args.mistakes.is_some())?,
    })
}

/// Fails early where a file could not be written after a long run.
fn writable(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.map(std::fs::metadata) {
        Some(Err(e)) => Err(Error::Write { path: path.into(), source: e.into() }),
        _ => Ok(()),
    }
}
