//! `variants`: smaller files of a model beside it: size, accuracy and time, on every runtime.

mod result;

use std::path::PathBuf;

use super::{
    Verdict,
    accuracy::{DataArgs, Judged, RunArgs, Test},
    compare::{By, Ratios, Side, TimeArgs, in_turn},
};
use crate::{
    cli::{Context, runtime_names},
    error::{Error, Result},
    input,
    measure::system::{conditions::Conditions, environment::Environment},
    runtimes::{self, RUNTIMES, Runtime},
    subject::ModelFile,
};
use result::{KIND, Row, SCHEMA, Time, Variants};

/// Arguments of `variants`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ONNX files of one model; the first one is what the others are compared with
    #[arg(required = true, value_name = "MODEL", num_args = 2..)]
    models: Vec<PathBuf>,
    #[command(flatten)]
    data: DataArgs,
    /// What runs the models, one after the other [default: all that this program has]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = runtime_names())]
    runtime: Vec<String>,
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    run: RunArgs,
}

/// Judges all models on each runtime, then measures each beside the first one, on one thread.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    let files: Vec<ModelFile> = args.models.iter().map(|path| ModelFile::open(path)).collect::<Result<_>>()?;
    let test = args.data.load(args.data.source()?, &files[0], args.run.class_offset(&files[0])?)?;
    let runtimes = args.runtimes();
    let about = runtimes.iter().map(|runtime| runtime.about(&context.options(Vec::new(), 1)));
    let mut variants = Variants {
        kind: KIND,
        schema: SCHEMA,
        environment: Environment::here(),
        data: test.source.to_string(),
        split: args.data.split.clone(),
        pictures: test.chosen.len(),
        of: test.dataset.len(),
        seed: test.seed,
        runtimes: about.collect::<Result<_>>()?,
        conditions: Vec::new(),
        rows: Vec::new(),
    };
    let judged = runtimes.iter().map(|runtime| judge(args, context, *runtime, &files, &test));
    let judged: Vec<Vec<Judged>> = judged.collect::<Result<_>>()?;
    for (runtime, judged) in runtimes.into_iter().zip(&judged) {
        variants.rows.push(Row::new(&files[0], runtime.name(), &judged[0]));
        for (file, this) in files.iter().zip(judged).skip(1) {
            let (time, conditions) = measure(args, context, runtime, [&files[0], file], &judged[0])?;
            variants.conditions.extend(conditions);
            let row = Row::new(file, runtime.name(), this);
            variants.rows.push(row.beside(&files[0], [&judged[0], this], time));
        }
    }
    context.print(&variants)?;
    Ok(Verdict::Done)
}

impl Args {
    fn runtimes(&self) -> Vec<&'static dyn Runtime> {
        if self.runtime.is_empty() {
            return RUNTIMES.to_vec();
        }
        self.runtime.iter().filter_map(|name| runtimes::find(name)).collect()
    }
}

fn judge(
    args: &Args,
    context: &Context,
    runtime: &'static dyn Runtime,
    files: &[ModelFile],
    test: &Test,
) -> Result<Vec<Judged>> {
    files.iter().map(|file| Judged::new(&args.run, runtime, context, file, test)).collect()
}

/// In turn with the first model, on pictures of the size at which it was judged, one at a time unless it is made for more.
fn measure(
    args: &Args,
    context: &Context,
    runtime: &dyn Runtime,
    files: [&ModelFile; 2],
    judged: &Judged,
) -> Result<(Time, Vec<Conditions>)> {
    let batch = input::batch(files[0], None, 1)?;
    let side = |file: &ModelFile| Side {
        model: file.path.clone(),
        runtime: runtime.name().into(),
        threads: 1,
        input: judged.spec.shape(batch).into(),
    };
    let found = in_turn(&args.time, &files.map(side), context)?;
    let by = |by| Ratios::of(&found, by).map(|ratios| Time { by, ratios });
    let nothing =
        || Error::Child { problem: "measure in a process of its own: it found nothing".into(), status: 1 };
    let time = by(By::Cpu).or_else(|| by(By::Wall)).ok_or_else(nothing)?;
    Ok((time, found.into_iter().map(|found| found.rounds.conditions).collect()))
}
