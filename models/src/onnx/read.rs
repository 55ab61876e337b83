//! From a path to a checked [`Model`].

use std::{fs::File, io::Read as _, path::Path};

use flate2::read::GzDecoder;
use prost::{Message as _, bytes::Bytes};

use super::{
    error::{Error, Result},
    model::Model,
    proto::ModelProto,
    scan,
};

/// Protobuf's own limit, which bounds memory too.
const LIMIT: u64 = i32::MAX as u64;

/// Reads an ONNX file, gzip-compressed or not.
///
/// # Errors
/// [`Error::File`] with the path, around the reason: missing, a folder, empty, not ONNX, truncated, or any of [`decode`]'s.
pub fn read(path: impl AsRef<Path>) -> Result<Model> {
    let path = path.as_ref();
    bytes(path).and_then(Model::try_from).map_err(|source| source.in_file(path))
}

/// The bytes of an ONNX file, decompressed, for a runtime to load; [`Model`] decodes a clone of them without a copy.
///
/// # Errors
/// As [`read`], but the contents are only looked at as far as compression goes.
pub fn read_bytes(path: impl AsRef<Path>) -> Result<Bytes> {
    let path = path.as_ref();
    bytes(path).map_err(|source| source.in_file(path))
}

/// Decodes the bytes of an ONNX file.
///
/// # Errors
/// Anything that [`Error`] lists except what concerns files and shape inference.
pub fn decode(bytes: &[u8]) -> Result<Model> {
    Bytes::copy_from_slice(bytes).try_into()
}

impl TryFrom<Bytes> for Model {
    type Error = Error;

    /// Decodes without copying the tensors.
    fn try_from(bytes: Bytes) -> Result<Self> {
        scan::outline(&bytes)?;
        let size = bytes.len() as u64;
        Model::new(ModelProto::decode(bytes)?, size)
    }
}

impl Error {
    /// Says which file it was.
    #[must_use]
    pub fn in_file(self, path: &Path) -> Self {
        Self::File { path: path.into(), source: Box::new(self) }
    }
}

fn bytes(path: &Path) -> Result<Bytes> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(Error::Folder);
    }
    let stored = limited(&mut file, metadata.len())?;
    match stored.as_slice() {
        [] => Err(Error::Empty),
        [0x1f, 0x8b, ..] => limited(&mut GzDecoder::new(stored.as_slice()), 0).map(Bytes::from),
        _ => Ok(stored.into()),
    }
}

/// Reads to the end, or to the limit: a few kilobytes of gzip may stand for gigabytes. Room for the `expected` bytes is made
/// at once, since a vector that grows is copied.
fn limited(reader: &mut dyn std::io::Read, expected: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(expected.min(LIMIT) as usize);
    reader.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT { Err(Error::TooLong { limit: LIMIT }) } else { Ok(bytes) }
}
