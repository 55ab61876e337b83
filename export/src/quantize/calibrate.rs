//! Runs the model of floats over pictures and looks at what flows through it.
//!
//! In tract, which is compiled in: no dynamic library has to be found, and any value of a graph can be asked for without
//! writing another file.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{panic, sync::Arc, thread};

use models::data::Dataset;
use models::input::InputSpec;
use tract_onnx::prelude::{
    Datum as _, Framework as _, InferenceFact, InferenceModelExt as _, IntoRunnable as _, Tensor, TractResult,
    TypedRunnableModel, tvec,
};

use super::error::Error;
use super::histogram::Histogram;
use super::source::Source;

/// A model, and pictures to run it on.
pub(super) struct Calibration<'a> {
    pub(super) source: &'a Source,
    /// The name of the model's input.
    pub(super) input: &'a str,
    /// `[N, 3, H, W]`: N pictures are run at once.
    pub(super) shape: [usize; 4],
    pub(super) spec: &'a InputSpec,
    /// At least one picture. The last run is filled up with the first ones.
    pub(super) dataset: &'a Dataset,
}

/// What each value was.
pub(super) type Observed = BTreeMap<String, Histogram>;

impl Calibration<'_> {
    /// What these values were over all pictures; it does not depend on the number of cores.
    ///
    /// # Errors
    /// When a picture cannot be read or does not fit, tract refuses the model, or a value is not finite.
    pub(super) fn observe(&self, values: &[String]) -> Result<Observed, Error> {
        let inside: Vec<&str> =
            values.iter().map(String::as_str).filter(|value| *value != self.input).collect();
        let plan = self.plan(&inside).map_err(|cause| self.load_error(cause.into()))?;
        let runs = self.dataset.len().div_ceil(self.shape[0]);
        let next = AtomicUsize::new(0);
        let worker = || {
            let outcome = self.work(&plan, &inside, &next, runs);
            if outcome.is_err() {
                next.store(runs, Ordering::Relaxed);
            }
            outcome
        };
        let parts = thread::scope(|scope| {
            let cores = thread::available_parallelism().map_or(1, Into::into).min(runs);
            let handles: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
            let done =
                handles.into_iter().map(|handle| handle.join().unwrap_or_else(|e| panic::resume_unwind(e)));
            done.collect::<Result<Vec<Observed>, Error>>()
        })?;
        let mut observed = Observed::new();
        for (value, histogram) in parts.into_iter().flatten() {
            observed.entry(value).or_insert_with(Histogram::new).merge(histogram);
        }
        Ok(observed)
    }

    /// The model with its first output and these values as outputs.
    fn plan(&self, inside: &[&str]) -> TractResult<Arc<TypedRunnableModel>> {
        let logits = self.source.model.graph.outputs.first().map(|output| output.name.as_str());
        let outputs = inside.iter().copied().chain(logits);
        let model = tract_onnx::onnx().model_for_read(&mut self.source.bytes.as_slice())?;
        model
            .with_input_fact(0, InferenceFact::dt_shape(f32::datum_type(), self.shape))?
            .with_outputs_by_name(outputs)?
            .into_optimized()?
            .into_runnable()
    }

    fn work(
        &self,
        plan: &Arc<TypedRunnableModel>,
        inside: &[&str],
        next: &AtomicUsize,
        runs: usize,
    ) -> Result<Observed, Error> {
        let mut observed = Observed::new();
        loop {
            let first = next.fetch_add(1, Ordering::Relaxed) * self.shape[0];
            if first >= runs * self.shape[0] {
                return Ok(observed);
            }
            let pictures = self.pictures(first)?;
            let outputs =
                run(plan, &self.shape, &pictures, inside.len()).map_err(|cause| self.run_error(cause))?;
            let inside = inside.iter().copied().zip(outputs.iter().map(Vec::as_slice));
            for (value, numbers) in inside.chain([(self.input, pictures.as_slice())]) {
                let histogram = observed.entry(value.to_string()).or_insert_with(Histogram::new);
                histogram.add(numbers).map_err(|found| self.activation_error(value, found, first))?;
            }
        }
    }

    /// As many as are run at once, from this one on, prepared.
    fn pictures(&self, first: usize) -> Result<Vec<f32>, Error> {
        let [count, ..] = self.shape;
        let mut pictures = Vec::with_capacity(self.shape.iter().product());
        for index in (first..first + count).map(|index| index % self.dataset.len()) {
            let tensor = self.spec.tensor(&self.dataset.picture(index)?);
            let misfit = |source| models::data::Error::Fit { picture: self.dataset.origin(index), source };
            pictures.extend(tensor.map_err(misfit)?);
        }
        Ok(pictures)
    }

    fn load_error(&self, source: super::error::Cause) -> Error {
        Error::Load { model: self.source.name.clone(), source }
    }

    fn run_error(&self, source: super::error::Cause) -> Error {
        Error::Run { model: self.source.name.clone(), source }
    }

    fn activation_error(&self, value: &str, found: f32, first: usize) -> Error {
        let (model, picture) = (self.source.name.clone(), self.dataset.origin(first));
        Error::Activation { model, value: value.into(), found, picture }
    }
}

/// The first so many outputs.
fn run(
    plan: &Arc<TypedRunnableModel>,
    shape: &[usize],
    pictures: &[f32],
    outputs: usize,
) -> Result<Vec<Vec<f32>>, super::error::Cause> {
    let given = plan.run(tvec![Tensor::from_shape(shape, pictures)?.into()])?;
    let numbers = |tensor: &tract_onnx::prelude::TValue| {
        Ok(tensor.to_plain_array_view::<f32>()?.iter().copied().collect())
    };
    given.iter().take(outputs).map(numbers).collect()
}
