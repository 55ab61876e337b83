//! safetensors files with deterministic bytes.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use models::files::write_atomic;
use models::seal::{self, Seal};
use safetensors::{Dtype, SafeTensorError, SafeTensors, View};
use tch::{Kind, Tensor};

use crate::error::Error;

/// Text about a file's tensors, by key.
pub type Metadata = BTreeMap<String, String>;

/// A tensor's bytes on the way into a file.
struct Bytes {
    dtype: Dtype,
    dims: Vec<usize>,
    data: Vec<u8>,
}

impl View for Bytes {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.dims
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.data)
    }

    fn data_len(&self) -> usize {
        self.data.len()
    }
}

impl Bytes {
    fn of(tensor: &Tensor) -> Self {
        let tensor = tensor.detach().to_device(tch::Device::Cpu).contiguous();
        let (dtype, size) = match tensor.kind() {
            Kind::Double => (Dtype::F64, 8),
            Kind::Int64 => (Dtype::I64, 8),
            _ => (Dtype::F32, 4),
        };
        let mut data = vec![0; tensor.numel() * size];
        tensor.copy_data_u8(&mut data, tensor.numel());
        Self { dtype, dims: tensor.size().iter().map(|&dim| dim as usize).collect(), data }
    }
}

/// Writes 32- or 64-bit float and 64-bit integer tensors, sealed, whole or not at all.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, tensors: &[(String, Tensor)], metadata: &Metadata) -> Result<(), Error> {
    let views = tensors.iter().map(|(name, tensor)| (name.as_str(), Bytes::of(tensor)));
    let bytes = safetensors::serialize(views, None).map_err(|error| broken("tensors", path, &error))?;
    let mut metadata = metadata.clone();
    metadata.insert(seal::KEY.into(), seal::OPEN.into());
    let mut bytes = with_metadata(&bytes, &metadata);
    seal::seal(&mut bytes);
    write_atomic(path, &bytes).map_err(|source| Error::io("write", path, source))
}

/// The file with its metadata in the header, in key order: the library writes it in an order that changes from
/// run to run.
fn with_metadata(bytes: &[u8], metadata: &Metadata) -> Vec<u8> {
    let (length, rest) = bytes.split_at(8);
    let length = u64::from_le_bytes(length.try_into().unwrap_or_default()) as usize;
    let (header, data) = rest.split_at(length);
    let tensors = String::from_utf8_lossy(header).trim().trim_start_matches('{').to_string();
    let comma = if tensors == "}" { "" } else { "," };
    let mut header = format!("{{\"__metadata__\":{}{comma}{tensors}", serde_json::json!(metadata));
    while !header.len().is_multiple_of(8) {
        header.push(' ');
    }
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// What a tensor file holds.
#[derive(Debug)]
pub struct Contents {
    /// Tensors by name.
    pub tensors: HashMap<String, Tensor>,
    /// Metadata.
    pub metadata: Metadata,
    /// Whether the file has a checksum; it holds.
    pub sealed: bool,
}

/// Reads a file; `what` is its kind, for messages.
///
/// # Errors
/// When it cannot be read, is cut short, changed or damaged, or is no safetensors file.
pub fn read(what: &'static str, path: &Path) -> Result<Contents, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::io("read", path, source))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| broken(what, path, &explained(&error)))?;
    let (_, header) =
        SafeTensors::read_metadata(&bytes).map_err(|error| broken(what, path, &explained(&error)))?;
    let seal = seal::check(&bytes);
    if seal == Seal::Broken {
        return Err(broken(what, path, &"its checksum does not match: the file was changed or damaged"));
    }
    let mut metadata: Metadata = header.metadata().clone().unwrap_or_default().into_iter().collect();
    metadata.remove(seal::KEY);
    let tensors: Result<HashMap<String, Tensor>, Error> =
        file.iter().map(|(name, view)| Ok((name.to_string(), tensor(what, path, name, &view)?))).collect();
    Ok(Contents { tensors: tensors?, metadata, sealed: seal == Seal::Whole })
}

fn tensor(
    what: &'static str,
    path: &Path,
    name: &str,
    view: &safetensors::tensor::TensorView<'_>,
) -> Result<Tensor, Error> {
    let kind = match view.dtype() {
        Dtype::F32 => Kind::Float,
        Dtype::F64 => Kind::Double,
        Dtype::I64 => Kind::Int64,
        other => {
            return Err(broken(what, path, &format!("tensor {name} is {other:?}, expected F32, F64 or I64")));
        }
    };
    let dims: Vec<i64> = view.shape().iter().map(|&dim| dim as i64).collect();
    Tensor::f_from_data_size(view.data(), &dims, kind).map_err(|error| broken(what, path, &error))
}

/// The library's error, in words that say more where the file's length is wrong.
fn explained(error: &SafeTensorError) -> String {
    use SafeTensorError::{HeaderTooSmall, InvalidHeaderLength, MetadataIncompleteBuffer};
    match error {
        HeaderTooSmall | InvalidHeaderLength | MetadataIncompleteBuffer => {
            "the file is truncated: it has not the length that its header announces".into()
        }
        other => format!("it is no safetensors file: {other}"),
    }
}

fn broken(what: &'static str, path: &Path, problem: &dyn std::fmt::Display) -> Error {
    Error::Broken { what, path: path.into(), problem: problem.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_read_back_and_have_the_same_bytes_every_time() {
        let folder = tempfile::tempdir().unwrap();
        let metadata: Metadata = ('a'..'k').map(|key| (key.to_string(), format!("\"{key}\""))).collect();
        let tensors = vec![
            ("b".to_string(), Tensor::from_slice(&[1.5_f32, -2.0]).view([1, 2])),
            ("a".to_string(), Tensor::from_slice(&[7_i64])),
        ];
        let paths = ["1", "2"].map(|name| folder.path().join(name));
        for path in &paths {
            write(path, &tensors, &metadata).unwrap();
        }
        assert_eq!(std::fs::read(&paths[0]).unwrap(), std::fs::read(&paths[1]).unwrap());
        let contents = read("weights", &paths[0]).unwrap();
        assert_eq!(contents.metadata, metadata);
        assert_eq!(contents.tensors["b"], tensors[0].1);
        assert_eq!(contents.tensors["a"], tensors[1].1);
    }

    #[test]
    fn a_file_cut_short_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.safetensors");
        write(&path, &[("a".into(), Tensor::from_slice(&[1.0_f32; 64]))], &Metadata::new()).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for length in [0, 4, 20, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).unwrap();
            let message = read("weights", &path).unwrap_err().to_string();
            assert!(message.contains("w.safetensors"), "{message}");
        }
    }
}
