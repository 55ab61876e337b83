//! A finished file, in memory and on its way to disk.

use std::fs;
use std::io;
use std::path::Path;

use models::cost;
use models::files::write_atomic;
use models::network::Network;
use models::onnx::Bytes;

use crate::error::Error;
use crate::fold::Folded;

/// An ONNX file that was read back and found to be its network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    bytes: Bytes,
    sha256: String,
    /// Number of nodes.
    pub nodes: usize,
    /// Trained parameters of the network for inference, before batch norms were folded.
    pub trained_parameters: u64,
    /// Parameters in the file, after that.
    pub deployed_parameters: u64,
    /// Multiply-adds of convolutions and linear layers for one image.
    pub macs: u64,
}

impl Model {
    pub(crate) fn new(bytes: Bytes, sha256: String, nodes: usize, shipped: &Network, folded: &Folded) -> Self {
        let total = cost::total(shipped);
        Self {
            bytes,
            sha256,
            nodes,
            trained_parameters: total.parameters,
            deployed_parameters: folded.tensors.values().map(|tensor| tensor.data.len() as u64).sum(),
            macs: total.macs,
        }
    }

    /// The bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Writes the file whole or not at all.
    ///
    /// # Errors
    /// [`Error::Write`]; what stood there before is unchanged then.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        write(path.as_ref(), &self.bytes)
    }
}

/// Writes a file whole or not at all.
///
/// # Errors
/// [`Error::Write`]; what stood there before is unchanged then.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let written = if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        // Its name would be taken over, be it a device.
        Err(io::Error::other("something other than a file has this name"))
    } else {
        write_atomic(path, bytes)
    };
    written.map_err(|source| Error::Write { path: path.into(), source })
}
