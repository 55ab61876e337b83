//! Runs a model over the pictures and scores it.

use std::time::Instant;

use models::input::InputSpec;

use super::{
    Args,
    data::{Test, outputs},
    mistakes::{self, Mistake},
};
use crate::{
    cli::Context,
    error::Result,
    feed::{Job, Logits, Pictures, cores},
    input::{self, Origin},
    measure::{
        confusion::Confusion,
        top::{Share, best, rank},
    },
    metadata::CLASS_OFFSET,
    subject::ModelFile,
};

/// How a model does on the pictures.
pub(super) struct Judged {
    pub(super) spec: InputSpec,
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

/// Outputs before the first class: what is asked for, else what the file says, else none.
pub(super) fn class_offset(args: &Args, file: &ModelFile) -> Result<usize> {
    match (args.class_offset, file.model.metadata.get(CLASS_OFFSET)) {
        (Some(offset), _) => Ok(offset),
        (None, None) => Ok(0),
        (None, Some(text)) => text.parse().map_err(|_| {
            file.misfit(format!("its metadata {CLASS_OFFSET} is {text:?}, expected a whole number"))
        }),
    }
}

impl Judged {
    pub(super) fn new(args: &Args, context: &Context, file: &ModelFile, test: &Test) -> Result<Self> {
        let class_offset = class_offset(args, file)?;
        let (spec, input_from) = args.input.resolve(file, &test.source, context.talk)?;
        outputs(file).map_or(Ok(()), |outputs| test.fits(file, outputs, class_offset))?;
        let batch = input::batch(file, args.batch, test.chosen.len().clamp(1, 32))?;
        let threads = args.threads.map_or_else(cores, usize::from);
        let options = context.options(spec.shape(batch).into(), 1);
        let runtime = args.runtime.get();
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
    pub(super) fn top(&self, k: usize) -> Share {
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
pub(super) fn alone(a: &Judged, b: &Judged) -> [usize; 2] {
    let count =
        |x: &Judged, y: &Judged| x.ranks.iter().zip(&y.ranks).filter(|(x, y)| **x == 0 && **y > 0).count();
    [count(a, b), count(b, a)]
}
