//! ONNX Runtime, loaded at run time.

mod profile;
mod providers;

use std::{
    env,
    path::Path,
    sync::{Mutex, PoisonError},
};

use ort::{
    environment::Environment,
    logging::LogLevel,
    session::{
        Session as OrtSession,
        builder::{GraphOptimizationLevel, SessionBuilder},
    },
    value::TensorRef,
};

use super::{Options, Profiler, Runtime, Session, library};
use crate::{
    error::{Error, Result},
    subject::ModelFile,
};
use models::onnx::{Dim, Port};
use profile::Profiling;

pub(super) struct Ort;

/// ONNX Runtime, loaded. There can be one environment per process, and it must outlive its sessions.
#[derive(Clone)]
struct Library {
    environment: Environment,
    version: Option<String>,
}

static LIBRARY: Mutex<Option<Library>> = Mutex::new(None);

impl Runtime for Ort {
    fn name(&self) -> &'static str {
        "ort"
    }

    fn about(&self, options: &Options) -> Result<String> {
        let version = loaded(options)?.version.unwrap_or_else(|| "of unknown version".into());
        let providers: Vec<String> = options.providers.iter().map(ToString::to_string).collect();
        let on =
            if providers.is_empty() { String::new() } else { format!(" on {}", providers.join(", then ")) };
        Ok(format!("ONNX Runtime {version}{on}, all optimisations, no spinning, one operator at a time"))
    }

    fn load(&self, file: &ModelFile, options: &Options) -> Result<Box<dyn Session>> {
        Ok(Box::new(load(file, options, None)?))
    }

    fn profiler(&self, file: &ModelFile, options: &Options) -> Result<Box<dyn Profiler>> {
        let folder = tempfile::tempdir();
        let folder = folder.map_err(|cause| Error::Write { path: env::temp_dir(), source: cause.into() })?;
        let loaded = load(file, options, Some(folder.path()))?;
        Ok(Box::new(Profiling { loaded, folder }))
    }
}

/// Loads a model; with a folder, a profile is written there.
fn load(file: &ModelFile, options: &Options, profile: Option<&Path>) -> Result<Loaded> {
    let Library { environment, .. } = loaded(options)?;
    let failed = |cause: ort::Error| Error::Load { model: file.name(), runtime: "ort", source: cause.into() };
    let builder = builder(&environment, file, options, profile).map_err(failed)?;
    let session = providers::register(builder, options)?.commit_from_memory(&file.bytes).map_err(failed)?;
    let shape = options.shape.iter().map(|&d| d as i64).collect();
    Ok(Loaded { model: file.name(), shape, session })
}

fn loaded(options: &Options) -> Result<Library> {
    let mut slot = LIBRARY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(library) = slot.as_ref() {
        return Ok(library.clone());
    }
    let path = library::find(options.library.as_deref())?;
    let version = library::version(&path);
    let failed = |source| Error::Library { path: path.clone(), source };
    let builder = ort::init_from(&path).map_err(|cause| failed(cause.into()))?;
    let environment = builder.with_telemetry(false).build().map_err(|cause| failed(cause.into()))?;
    // Errors are returned too; once is enough.
    environment.set_log_level(LogLevel::Fatal);
    Ok(slot.insert(Library { environment, version }).clone())
}

/// Spinning off: on a busy machine waiting threads cost more than they gain. One operator at a time.
fn builder(
    environment: &Environment,
    file: &ModelFile,
    options: &Options,
    profile: Option<&Path>,
) -> ort::Result<SessionBuilder> {
    let mut builder: SessionBuilder = OrtSession::builder(environment)?
        .with_log_level(LogLevel::Fatal)?
        .with_intra_threads(options.threads.max(1))?
        .with_inter_threads(1)?
        .with_parallel_execution(false)?
        .with_intra_op_spinning(false)?
        .with_inter_op_spinning(false)?
        .with_optimization_level(GraphOptimizationLevel::All)?;
    for (name, size) in file.model.graph.inputs.iter().flat_map(|input| open_dims(input, &options.shape)) {
        builder = builder.with_dimension_override(name, size as i64)?;
    }
    if let Some(folder) = profile {
        builder = builder.with_profiling(folder.join("profile"))?;
    }
    Ok(builder)
}

/// Named open dimensions with the sizes they are to have: a static shape lets more be optimised.
fn open_dims<'a>(input: &'a Port, shape: &'a [usize]) -> impl Iterator<Item = (&'a str, usize)> {
    let dims = input.dims.iter().flatten().zip(shape);
    dims.filter_map(|(dim, &size)| match dim {
        Dim::Open(name) if !name.is_empty() => Some((name.as_str(), size)),
        _ => None,
    })
}

struct Loaded {
    model: String,
    shape: Vec<i64>,
    session: OrtSession,
}

impl Loaded {
    fn first_output(&mut self, input: &[f32]) -> ort::Result<Vec<f32>> {
        let input = TensorRef::from_array_view((self.shape.as_slice(), input))?;
        let outputs = self.session.run(ort::inputs![input])?;
        Ok(outputs[0].try_extract_tensor::<f32>()?.1.to_vec())
    }
}

impl Session for Loaded {
    fn run(&mut self, input: &[f32]) -> Result<Vec<f32>> {
        let output = self.first_output(input);
        output.map_err(|cause| Error::Run { model: self.model.clone(), runtime: "ort", source: cause.into() })
    }
}
