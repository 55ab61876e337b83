//! The Python environment of the peers.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Result;

use crate::stop::Stop;

/// What the peers are timed with; libtorch of the same version is under our own programs.
const TORCH: &str = "2.11.0";
const PROGRAM: &str = "import torch, safetensors; print(torch.__version__)";

/// The Python of this environment.
///
/// # Errors
/// Where none is given, or it has not the packages of the peers; says how to make one.
pub(super) fn python(folder: Option<&Path>) -> Result<PathBuf> {
    let Some(folder) = folder else {
        return Err(refused("failed to find PyTorch for the peers: no --peer-env"));
    };
    let python = std::path::absolute(folder)?.join("bin/python");
    let output = Command::new(&python).args(["-c", PROGRAM]).stdin(Stdio::null()).output();
    let Ok(output) = output else {
        return Err(refused(&format!("failed to start {}", python.display())));
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_string();
        return Err(refused(&format!("failed to use {}: {said}", folder.display())));
    }
    check(String::from_utf8_lossy(&output.stdout).trim(), folder)?;
    Ok(python)
}

/// Refuses another version; what stands behind a plus sign says what it was built for.
fn check(version: &str, folder: &Path) -> Result<()> {
    if version.split('+').next() == Some(TORCH) {
        return Ok(());
    }
    Err(refused(&format!("failed to use {}: it has torch {version}, not {TORCH}", folder.display())))
}

fn refused(why: &str) -> anyhow::Error {
    Stop::user(format!(
        "{why}; `python3.11 -m venv DIR && DIR/bin/pip install torch=={TORCH} safetensors==0.8.0 numpy==2.4.6` makes a folder \
         for --peer-env DIR"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refuses(result: Result<impl Sized>, why: &str) {
        let error = result.err().unwrap();
        assert!(matches!(error.downcast_ref(), Some(Stop::User(_))));
        let text = error.to_string();
        assert!(text.contains(why) && text.contains("pip install torch==2.11.0"), "{text}");
    }

    #[test]
    fn what_is_missing_is_said_with_the_way_to_get_it() {
        let folder = tempfile::tempdir().unwrap();
        refuses(python(None), "no --peer-env");
        refuses(python(Some(folder.path())), "failed to start");
        refuses(check("2.10.0", folder.path()), "it has torch 2.10.0, not 2.11.0");
        check("2.11.0+cu130", folder.path()).unwrap();
    }
}
