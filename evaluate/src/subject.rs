//! What is evaluated: a name from the command line, resolved.

use std::path::{Path, PathBuf};

use models::network::Network;
use models::onnx::{self, Account, Assume, Port};
use models::zoo::{self, Options};

use crate::error::{Error, Result};

/// A model as named on the command line.
#[derive(Debug)]
pub enum Subject {
    /// An ONNX file.
    File(Box<ModelFile>),
    /// A network of the zoo, or that of a genotype: it can be counted but not run.
    Network(Box<Network>),
}

impl Subject {
    /// Resolves a name: `zoo:NAME`, a genotype or block-string file (by its extension), otherwise an ONNX file, for which
    /// the options need not make sense.
    ///
    /// # Errors
    /// If the name is unknown, the file cannot be read, or the options do not fit.
    pub fn open(name: &str, options: impl FnOnce() -> Result<Options>) -> Result<Self> {
        if zoo::name_of(name).is_some() || is_definition(Path::new(name)) {
            let definition = zoo::open(name)?.definition;
            return Ok(Self::Network(Box::new(definition.network(name, &options()?)?)));
        }
        ModelFile::open(Path::new(name)).map(|file| Self::File(Box::new(file)))
    }
}

fn is_definition(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| ["json", "txt", "py"].contains(&extension))
}

/// An ONNX file in memory: decoded, and as the bytes that runtimes load.
#[derive(Debug)]
pub struct ModelFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its contents, checked.
    pub model: onnx::Model,
    /// The same as bytes, decompressed.
    pub bytes: onnx::Bytes,
}

impl ModelFile {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// [`Error::Onnx`] with the path if it is missing, no ONNX file, truncated or inconsistent; [`Error::Feed`] for a network of
    /// the zoo, which has no weights and so cannot be run.
    pub fn open(path: &Path) -> Result<Self> {
        if let Some(name) = path.to_str().filter(|name| zoo::name_of(name).is_some()) {
            let problem = format!(
                "a network of the zoo has no weights; write a file first: noisydarts-export {name} --allow-random -o model.onnx"
            );
            return Err(Error::Feed { model: name.into(), problem });
        }
        let bytes = onnx::read_bytes(path)?;
        let model = onnx::Model::try_from(bytes.clone()).map_err(|e| e.in_file(path))?;
        Ok(Self { path: path.into(), model, bytes })
    }

    /// Its path, for messages and reports.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Its only input.
    ///
    /// # Errors
    /// [`Error::Feed`] if there are none or several, or it does not take 32-bit floats.
    pub fn input(&self) -> Result<&Port> {
        match self.model.graph.inputs.as_slice() {
            [input] if input.data_type == onnx::DataType::F32 => Ok(input),
            [input] => Err(self
                .misfit(format!("input {:?} takes {}, expected 32-bit floats", input.name, input.data_type))),
            inputs => Err(self.misfit(format!("it has {} inputs, expected one", inputs.len()))),
        }
    }

    /// Shapes and counts.
    ///
    /// # Errors
    /// [`Error::Count`] for an unknown operator or an open input shape.
    pub fn account(&self, assume: &Assume) -> Result<Account> {
        self.model.account(assume).map_err(|source| Error::Count { model: self.name(), source })
    }

    /// The error that this model does not take what it is to be given.
    #[must_use]
    pub fn misfit(&self, problem: String) -> Error {
        Error::Feed { model: self.name(), problem }
    }
}
