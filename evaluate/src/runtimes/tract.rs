//! tract: pure Rust, compiled in.

mod profile;

use std::sync::Arc;

use tract_onnx::prelude::{
    Datum as _, Framework as _, InferenceFact, InferenceModelExt as _, IntoRunnable as _, TValue, Tensor,
    TractError, TractResult, TypedRunnableModel, tvec,
};

use super::{Options, Profiler, Provider, Runtime, Session};
use crate::{
    error::{Error, Result},
    subject::ModelFile,
};

/// The release that `Cargo.lock` pins; the crate does not tell.
const VERSION: &str = "0.23";

pub(super) struct Tract;

impl Runtime for Tract {
    fn name(&self) -> &'static str {
        "tract"
    }

    fn about(&self, _: &Options) -> Result<String> {
        Ok(format!("tract {VERSION}"))
    }

    fn load(&self, file: &ModelFile, options: &Options) -> Result<Box<dyn Session>> {
        let runnable = self.plan(file, options)?;
        Ok(Box::new(Plan { model: file.name(), shape: options.shape.clone(), runnable }))
    }

    fn profiler(&self, file: &ModelFile, options: &Options) -> Result<Box<dyn Profiler>> {
        let plan = self.plan(file, options)?;
        Ok(Box::new(profile::Timed::new(file.name(), options.shape.clone(), plan)))
    }
}

impl Tract {
    fn plan(&self, file: &ModelFile, options: &Options) -> Result<Arc<TypedRunnableModel>> {
        if options.threads > 1 {
            return Err(Error::Threads { runtime: self.name(), threads: options.threads });
        }
        if options.providers.iter().any(|provider| *provider != Provider::Cpu) {
            let problem = "tract runs everything on the processor by itself; use --runtime ort".into();
            return Err(Error::Flag { flag: "--provider", problem });
        }
        let plan = plan(&file.bytes, &options.shape);
        plan.map_err(|cause| Error::Load { model: file.name(), runtime: "tract", source: cause.into() })
    }
}

fn plan(bytes: &[u8], shape: &[usize]) -> TractResult<Arc<TypedRunnableModel>> {
    let model = tract_onnx::onnx().model_for_read(&mut &*bytes)?;
    model
        .with_input_fact(0, InferenceFact::dt_shape(f32::datum_type(), shape))?
        .into_optimized()?
        .into_runnable()
}

struct Plan {
    model: String,
    shape: Vec<usize>,
    runnable: Arc<TypedRunnableModel>,
}

impl Plan {
    fn first_output(&self, input: &[f32]) -> TractResult<Vec<f32>> {
        first(&self.runnable.run(tvec![tensor(&self.shape, input)?])?)
    }
}

impl Session for Plan {
    fn run(&mut self, input: &[f32]) -> Result<Vec<f32>> {
        let output = self.first_output(input);
        output.map_err(|cause| failed(&self.model, cause))
    }
}

fn tensor(shape: &[usize], values: &[f32]) -> TractResult<TValue> {
    Ok(Tensor::from_shape(shape, values)?.into())
}

fn first(outputs: &[TValue]) -> TractResult<Vec<f32>> {
    Ok(outputs[0].to_plain_array_view::<f32>()?.iter().copied().collect())
}

fn failed(model: &str, cause: TractError) -> Error {
    Error::Run { model: model.into(), runtime: "tract", source: cause.into() }
}
