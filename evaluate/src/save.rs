//! Writing results.

use std::path::Path;

use models::files::write_atomic;

use crate::error::{Error, Result};

/// Writes a file whole or not at all.
///
/// # Errors
/// [`Error::Write`].
pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomic(path, bytes).map_err(|error| Error::Write { path: path.into(), source: error.into() })
}
