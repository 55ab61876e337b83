//! Reading safetensors files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use models::seal::{self, Seal};
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use sha2::{Digest as _, Sha256};

use super::{Origin, Summary, Tensor, Weights};
use crate::error::Error;

/// No ONNX file holds more.
const LIMIT: u64 = i32::MAX as u64;
/// Bytes of the number at the start that says how long the header is.
const PREFIX: usize = 8;
/// Bytes of the longest header that the format allows.
const LONGEST_HEADER: u64 = 100_000_000;

impl Weights {
    /// Reads a safetensors file.
    ///
    /// # Errors
    /// When it cannot be read, is truncated or damaged, or its metadata cannot be understood; names the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let bytes = bytes(path).map_err(|source| Error::Read { path: path.into(), source })?;
        let bad = |error| explain(path, &bytes, &error);
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(bad)?;
        let file = SafeTensors::deserialize(&bytes).map_err(bad)?;
        if seal::check(&bytes) == Seal::Broken {
            let problem = "its checksum does not match: the file was changed or damaged".into();
            return Err(Error::Format { path: path.into(), problem });
        }
        let summary = Summary::parse(path, metadata.metadata().as_ref())?;
        let (sha256, (tensors, others)) = rayon::join(|| hex(&Sha256::digest(&bytes)), || contents(&file));
        Ok(Self { tensors, summary, origin: Origin::File { path: path.into(), sha256 }, others })
    }
}

/// The tensors of 32-bit floats, and the element types of the others.
fn contents(file: &SafeTensors) -> (BTreeMap<String, Tensor>, BTreeMap<String, String>) {
    let (mut tensors, mut others) = (BTreeMap::new(), BTreeMap::new());
    for (name, view) in file.iter() {
        if view.dtype() == Dtype::F32 {
            let data = view.data().as_chunks().0.iter().map(|&word| f32::from_le_bytes(word)).collect();
            tensors.insert(name.into(), Tensor { dims: view.shape().into(), data });
        } else {
            others.insert(name.into(), view.dtype().to_string());
        }
    }
    (tensors, others)
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "it is longer than 2 GiB, the most that ONNX can hold",
        ));
    }
    Ok(bytes)
}

/// Why these bytes are no safetensors file: too few of them, where the rest makes sense.
fn explain(path: &Path, bytes: &[u8], error: &SafeTensorError) -> Error {
    let found = bytes.len() as u64;
    match announced(bytes) {
        Some(expected) if expected > found => Error::Truncated { path: path.into(), expected, found },
        Some(expected) if expected < found && matches!(error, SafeTensorError::MetadataIncompleteBuffer) => {
            let problem = format!("{expected} bytes are announced, {found} are there");
            Error::Format { path: path.into(), problem }
        }
        _ => Error::Format { path: path.into(), problem: error.to_string() },
    }
}

/// How long the file should be: by its tensors, or by its header where that is cut off.
fn announced(bytes: &[u8]) -> Option<u64> {
    let length =
        Some(u64::from_le_bytes(*bytes.first_chunk::<PREFIX>()?)).filter(|&length| length <= LONGEST_HEADER)?;
    let start = length + PREFIX as u64;
    let Some(header) = bytes.get(PREFIX..start as usize) else {
        // A header starts with a brace; anything else never was a safetensors file.
        return (bytes.get(PREFIX) == Some(&b'{')).then_some(start);
    };
    let header: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(header).ok()?;
    let ends = header.values().filter_map(|entry| entry.get("data_offsets")?.get(1)?.as_u64());
    start.checked_add(ends.max().unwrap_or(0))
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    models::files::hex(bytes)
}
