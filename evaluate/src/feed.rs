//! Runs a model over many inputs: on several sessions at a time, with results in order.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use indicatif::ProgressBar;
use models::{data::Dataset, input::InputSpec};

use crate::{
    error::{Error, Result},
    random::Random,
    runtimes::{Options, Runtime, Session},
    subject::ModelFile,
};

/// Inputs by number.
pub(crate) trait Inputs: Sync {
    /// How many.
    fn len(&self) -> usize;

    /// Writes input `index` into `out`.
    fn fill(&self, index: usize, out: &mut [f32]) -> Result<()>;
}

/// The first pictures of a data set, prepared one at a time.
pub(crate) struct Pictures<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) spec: &'a InputSpec,
    pub(crate) count: usize,
}

impl Inputs for Pictures<'_> {
    fn len(&self) -> usize {
        self.count
    }

    fn fill(&self, index: usize, out: &mut [f32]) -> Result<()> {
        let planes = self.spec.fit(&self.dataset.picture(index)?);
        let planes = planes
            .map_err(|source| models::data::Error::Fit { picture: self.dataset.origin(index), source })?;
        self.spec.normalise_into(&planes, out);
        Ok(())
    }
}

/// Random inputs, each by its own number.
pub(crate) struct Noise {
    pub(crate) count: usize,
}

impl Inputs for Noise {
    fn len(&self) -> usize {
        self.count
    }

    fn fill(&self, index: usize, out: &mut [f32]) -> Result<()> {
        out.copy_from_slice(&Random::new(index as u64).values(out.len()));
        Ok(())
    }
}

/// What a model gave for every input.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Logits {
    /// Numbers per input.
    pub(crate) classes: usize,
    /// `[N, classes]`, row-major.
    pub(crate) values: Vec<f32>,
}

impl Logits {
    /// One row per input.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.classes.max(1))
    }
}

/// A model to run, and how.
pub(crate) struct Job<'a> {
    pub(crate) file: &'a ModelFile,
    pub(crate) runtime: &'static dyn Runtime,
    /// `shape[0]` inputs are run at a time, the last time padded with zeros.
    pub(crate) options: Options,
    /// Sessions at a time, each on a thread of its own.
    pub(crate) workers: usize,
}

impl Job<'_> {
    /// Runs everything. The result does not depend on the number of workers.
    pub(crate) fn run(&self, inputs: &dyn Inputs, bar: &ProgressBar) -> Result<Logits> {
        let batch = self.options.shape[0];
        let parts = inputs.len().div_ceil(batch);
        let next = AtomicUsize::new(0);
        let done = Mutex::new(BTreeMap::new());
        let worker = || {
            let outcome = self.work(inputs, &next, parts, &done, bar);
            if outcome.is_err() {
                next.store(parts, Ordering::Relaxed);
            }
            outcome
        };
        thread::scope(|scope| {
            let handles: Vec<_> =
                (0..self.workers.clamp(1, parts.max(1))).map(|_| scope.spawn(worker)).collect();
            handles
                .into_iter()
                .try_for_each(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })?;
        let values = done
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .into_values()
            .collect::<Vec<_>>()
            .concat();
        Ok(Logits { classes: values.len() / inputs.len().max(1), values })
    }

    fn work(
        &self,
        inputs: &dyn Inputs,
        next: &AtomicUsize,
        parts: usize,
        done: &Mutex<BTreeMap<usize, Vec<f32>>>,
        bar: &ProgressBar,
    ) -> Result<()> {
        let batch = self.options.shape[0];
        let mut session = self.runtime.load(self.file, &self.options)?;
        let mut buffer = vec![0.0; self.options.shape.iter().product()];
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                return Ok(());
            }
            let range = part * batch..inputs.len().min((part + 1) * batch);
            let rows = self.rows(session.as_mut(), inputs, range.clone(), &mut buffer)?;
            done.lock().unwrap_or_else(PoisonError::into_inner).insert(part, rows);
            bar.inc(range.len() as u64);
        }
    }

    /// The outputs for a range of at most one batch.
    fn rows(
        &self,
        session: &mut dyn Session,
        inputs: &dyn Inputs,
        range: Range<usize>,
        buffer: &mut [f32],
    ) -> Result<Vec<f32>> {
        let batch = self.options.shape[0];
        let each = buffer.len() / batch;
        let (filled, rest) = buffer.split_at_mut(range.len() * each);
        for (index, out) in range.clone().zip(filled.chunks_exact_mut(each)) {
            inputs.fill(index, out)?;
        }
        rest.fill(0.0);
        let mut outputs = session.run(buffer)?;
        if outputs.is_empty() || !outputs.len().is_multiple_of(batch) {
            return Err(self.file.misfit(format!("{} numbers come out for a batch of {batch}", outputs.len())));
        }
        outputs.truncate(outputs.len() / batch * range.len());
        let classes = outputs.len() / range.len();
        match outputs.iter().position(|x| !x.is_finite()) {
            Some(i) => Err(Error::NotFinite {
                model: self.file.name(),
                picture: range.start + i / classes,
                found: outputs[i],
            }),
            None => Ok(outputs),
        }
    }
}
