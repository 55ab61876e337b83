//! The user's own libraries, which win over ours.

use std::path::PathBuf;

use anyhow::Result;

use crate::{place, stop::Stop};

/// What the user's environment names.
pub(super) struct Own {
    /// `LIBTORCH`: a folder with `include` and `lib`.
    pub(super) libtorch: Option<PathBuf>,
    /// `ORT_DYLIB_PATH`: the library itself.
    pub(super) onnxruntime: Option<PathBuf>,
}

impl Own {
    /// Reads and checks the environment.
    ///
    /// # Errors
    /// Where a variable names what is not there.
    pub(super) fn find() -> Result<Self> {
        let own = Self { libtorch: place::own_libtorch(), onnxruntime: place::own("ORT_DYLIB_PATH") };
        if let Some(folder) = own.libtorch.as_ref().filter(|folder| !folder.join("lib").is_dir()) {
            let folder = folder.display();
            return Err(Stop::user(format!(
                "LIBTORCH has no folder lib: {folder}; correct it, or unset it to have libtorch fetched"
            )));
        }
        if let Some(library) = own.onnxruntime.as_ref().filter(|library| !library.is_file()) {
            let library = library.display();
            return Err(Stop::user(format!(
                "ORT_DYLIB_PATH is no file: {library}; correct it, or unset it to have ONNX Runtime fetched"
            )));
        }
        Ok(own)
    }

    /// Says what is not fetched, and why.
    pub(super) fn announce(&self) {
        if let Some(folder) = &self.libtorch {
            eprintln!("libtorch: your own, LIBTORCH={}", folder.display());
        }
        if let Some(library) = &self.onnxruntime {
            eprintln!("ONNX Runtime: your own, ORT_DYLIB_PATH={}", library.display());
        }
    }
}
