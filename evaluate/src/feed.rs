//! Runs a model over many inputs: prepared ahead, run on several sessions at a time, with results in order.

use std::ops::Range;

use indicatif::ProgressBar;
use models::{data::Dataset, input::InputSpec};

use crate::{
    error::{Error, Result},
    pipeline::{self, Stages, Threads},
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

/// Pictures of a data set, prepared one at a time.
pub(crate) struct Pictures<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) spec: &'a InputSpec,
    /// Which ones.
    pub(crate) chosen: &'a [usize],
}

impl Inputs for Pictures<'_> {
    fn len(&self) -> usize {
        self.chosen.len()
    }

    fn fill(&self, index: usize, out: &mut [f32]) -> Result<()> {
        let index = self.chosen[index];
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
    /// Without the first so many numbers of every row.
    pub(crate) fn without_first(self, count: usize) -> Self {
        if count == 0 {
            return self;
        }
        let values = self.rows().flat_map(|row| row.iter().skip(count)).copied().collect();
        Self { classes: self.classes.saturating_sub(count), values }
    }

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
    /// Runs everything. The result does not depend on the number of threads. Inputs are prepared meanwhile, on as many
    /// threads as there are cores.
    ///
    /// # Errors
    /// Of several, that of the first batch.
    pub(crate) fn run(&self, inputs: &dyn Inputs, bar: &ProgressBar) -> Result<Logits> {
        let parts = inputs.len().div_ceil(self.options.shape[0]);
        let threads = Threads { make: cores(), apply: self.workers };
        let values = pipeline::run(&Batches { job: self, inputs, bar }, parts, threads)?.concat();
        Ok(Logits { classes: values.len() / inputs.len().max(1), values })
    }
}

/// How many threads run at a time on this machine.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

/// The inputs, a batch at a time: first they are prepared, then the model is run.
struct Batches<'a> {
    job: &'a Job<'a>,
    inputs: &'a dyn Inputs,
    bar: &'a ProgressBar,
}

impl Batches<'_> {
    fn range(&self, part: usize) -> Range<usize> {
        let batch = self.job.options.shape[0];
        part * batch..self.inputs.len().min((part + 1) * batch)
    }
}

impl Stages for Batches<'_> {
    type Tool = Box<dyn Session>;

    fn room(&self) -> Vec<f32> {
        vec![0.0; self.job.options.shape.iter().product()]
    }

    fn make(&self, part: usize, room: &mut [f32]) -> Result<()> {
        let range = self.range(part);
        let each = room.len() / self.job.options.shape[0];
        let (filled, rest) = room.split_at_mut(range.len() * each);
        rest.fill(0.0);
        range.zip(filled.chunks_exact_mut(each)).try_for_each(|(index, out)| self.inputs.fill(index, out))
    }

    fn tool(&self) -> Result<Self::Tool> {
        self.job.runtime.load(self.job.file, &self.job.options)
    }

    fn apply(&self, session: &mut Self::Tool, part: usize, made: &[f32]) -> Result<Vec<f32>> {
        let (range, file, batch) = (self.range(part), self.job.file, self.job.options.shape[0]);
        let mut outputs = session.run(made)?;
        if outputs.is_empty() || !outputs.len().is_multiple_of(batch) {
            return Err(file.misfit(format!("{} numbers come out for a batch of {batch}", outputs.len())));
        }
        let classes = outputs.len() / batch;
        outputs.truncate(classes * range.len());
        if let Some(i) = outputs.iter().position(|x| !x.is_finite()) {
            let picture = range.start + i / classes;
            return Err(Error::NotFinite { model: file.name(), picture, found: outputs[i] });
        }
        self.bar.inc(range.len() as u64);
        Ok(outputs)
    }
}

#[cfg(test)]
mod tests {
    use super::Logits;

    #[test]
    fn the_first_numbers_of_every_row_can_be_left_out() {
        let logits = Logits { classes: 3, values: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] };
        assert_eq!(logits.clone().without_first(0), logits);
        assert_eq!(logits.without_first(1), Logits { classes: 2, values: vec![2.0, 3.0, 5.0, 6.0] });
    }
}
