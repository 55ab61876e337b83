//! Runs a model over the pictures and scores it.

use std::time::Instant;

use models::input::InputSpec;

use super::{
    data::{Test, outputs},
    mistakes::{self, Mistake},
};
use crate::{
    cli::Context,
    device::Words,
    error::Result,
    feed::{Job, Logits, Pictures, cores},
    input::{self, InputArgs, Origin},
    measure::{
        confusion::Confusion,
        top::{Share, best, rank},
    },
    metadata::CLASS_OFFSET,
    runtimes::Runtime,
    subject::ModelFile,
};

/// How models are run over pictures.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// Pictures per run, where the model leaves it open [default: 32]
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Batches run at a time, each on a thread of its own [default: one per core]; pictures are prepared on free cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Outputs before the first class, which are left out: 1 for networks that know a background [default: the model's own, or 0]
    #[arg(long, value_name = "N")]
    class_offset: Option<usize>,
    #[command(flatten)]
    input: InputArgs,
}

/// How a model does on the pictures.
pub(crate) struct Judged {
    pub(crate) spec: InputSpec,
    pub(super) input_from: Origin,
    pub(super) about_runtime: String,
    pub(super) batch: usize,
    pub(super) threads: usize,
    pub(super) seconds: f64,
    /// Of the classes alone: outputs before the first one are left out.
    pub(super) logits: Logits,
    pub(super) class_offset: usize,
    /// Place of the right class for each picture, from 0.
    pub(super) ranks: Vec<usize>,
    pub(super) confusion: Confusion,
}

impl RunArgs {
    /// The same flags for another call.
    pub(super) fn words(&self, words: Words) -> Words {
        let words = words
            .flag("--batch", self.batch)
            .flag("--threads", self.threads)
            .flag("--class-offset", self.class_offset);
        self.input.words(words)
    }

    /// Outputs before the first class: what is asked for, else what the file says, else none.
    pub(crate) fn class_offset(&self, file: &ModelFile) -> Result<usize> {
        match (self.class_offset, file.model.metadata.get(CLASS_OFFSET)) {
            (Some(offset), _) => Ok(offset),
            (None, None) => Ok(0),
            (None, Some(text)) => text.parse().map_err(|_| {
                file.misfit(format!("its metadata {CLASS_OFFSET} is {text:?}, expected a whole number"))
            }),
        }
    }
}

impl Judged {
    /// Runs the model over the pictures.
    ///
    /// # Errors
    /// When it does not fit them, or running it fails.
    pub(crate) fn new(
        args: &RunArgs,
        runtime: &'static dyn Runtime,
        context: &Context,
        file: &ModelFile,
        test: &Test,
    ) -> Result<Self> {
        let class_offset = args.class_offset(file)?;
        let (spec, input_from) = args.input.resolve(file, &test.source, context.talk)?;
        outputs(file).map_or(Ok(()), |outputs| test.fits(file, outputs, class_offset))?;
        let batch = input::batch(file, args.batch, test.chosen.len().clamp(1, 32))?;
        let threads = args.threads.map_or_else(cores, usize::from);
        let options = context.options(spec.shape(batch).into(), 1);
        let about_runtime = runtime.about(&options)?;
        let job = Job { file, runtime, options, workers: threads };
        let bar = context.talk.bar(test.chosen.len(), "pictures");
        let start = Instant::now();
        let pictures = Pictures { dataset: &test.dataset, spec: &spec, chosen: &test.chosen };
        let logits = job.run(&pictures, &bar)?;
        let seconds = start.elapsed().as_secs_f64();
        bar.finish_and_clear();
        test.fits(file, logits.classes, class_offset)?;
        let logits = logits.without_first(class_offset);
        let ranks = logits.rows().zip(test.labels()).map(|(scores, label)| rank(scores, label)).collect();
        let pairs = logits.rows().zip(test.labels()).map(|(scores, label)| [label, best(scores)]);
        let confusion = Confusion::new(pairs, logits.classes);
        Ok(Self {
            spec,
            input_from,
            about_runtime,
            batch,
            threads,
            seconds,
            logits,
            class_offset,
            ranks,
            confusion,
        })
    }

    /// How often the right class is among the `k` highest-scored ones.
    pub(crate) fn top(&self, k: usize) -> Share {
        Share::new(self.ranks.iter().filter(|&&rank| rank < k).count(), self.ranks.len())
    }

    /// Nothing where there are five classes or fewer.
    pub(super) fn top5(&self) -> Option<Share> {
        (self.logits.classes > 5).then(|| self.top(5))
    }

    /// The worst mistakes, with small pictures where they are asked for.
    pub(super) fn mistakes(&self, test: &Test, with_pictures: bool) -> Result<Vec<Mistake>> {
        let mut worst = mistakes::worst(test, &self.logits);
        if with_pictures {
            worst.iter_mut().try_for_each(|mistake| mistake.draw(test, &self.spec))?;
        }
        Ok(worst)
    }
}

/// Pictures that only the first, and that only the second of two models gets right.
pub(crate) fn alone(a: &Judged, b: &Judged) -> [usize; 2] {
    let count =
        |x: &Judged, y: &Judged| x.ranks.iter().zip(&y.ranks).filter(|(x, y)| **x == 0 && **y > 0).count();
    [count(a, b), count(b, a)]
}
