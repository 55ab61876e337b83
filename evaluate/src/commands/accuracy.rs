//! `accuracy`: top-1 and top-5 on labelled pictures, by class, and beside another model.

mod data;
mod judge;
mod mistakes;
mod remote;
mod result;

use std::path::{Path, PathBuf};

use super::Verdict;
use crate::{
    cli::{Context, RuntimeArg},
    device::OnArgs,
    error::{Error, Result},
    measure::system::environment::Environment,
    predictions::{self, Predictions},
    report::matrix,
    save::save,
    subject::ModelFile,
};
pub(crate) use data::{DataArgs, Test, chosen};
pub(crate) use judge::{Judged, RunArgs, alone};
pub(crate) use mistakes::{Mistake, sheet};
use result::{Accuracy, Against, Class};
pub(crate) use result::{KIND, SCHEMA};

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
    args.check_written()?;
    let judge = |file: &ModelFile| Judged::new(&args.run, args.runtime.get(), context, file, &test);
    let judged = judge(&file)?;
    let against = other.map(|other| judge(&other).map(|second| Against::new(other.name(), &judged, second)));
    let accuracy = describe(args, &file, &test, &judged, against.transpose()?)?;
    args.write(&test, &judged, &accuracy)?;
    context.print(&accuracy)?;
    Ok(Verdict::Done)
}

impl Args {
    /// The files that are asked for: flag, name on a device, place here.
    fn written(&self) -> impl Iterator<Item = (&'static str, &'static str, &Path)> {
        let all = [
            ("--predictions", "predictions.safetensors", &self.predictions),
            ("--confusion", "confusion.svg", &self.confusion),
            ("--mistakes", "mistakes.svg", &self.mistakes),
        ];
        all.into_iter().filter_map(|(flag, name, path)| Some((flag, name, path.as_deref()?)))
    }

    /// Fails early where a file could not be written after a long run.
    fn check_written(&self) -> Result<()> {
        self.written().try_for_each(|(_, _, path)| writable(path))
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
            save(path, matrix::svg(&judged.confusion, names).as_bytes())?;
        }
        if let Some(path) = &self.mistakes {
            let wrong = accuracy.pictures - accuracy.top1.correct;
            save(path, sheet(&accuracy.mistakes, names, wrong).as_bytes())?;
        }
        Ok(())
    }
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

/// Whether there is a folder for this file.
fn writable(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.map(std::fs::metadata) {
        Some(Err(e)) => Err(Error::Write { path: path.into(), source: e.into() }),
        _ => Ok(()),
    }
}
