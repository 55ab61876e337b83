//! Fetches wheels through pip, one at a time, and lets only the pinned bytes pass.

use std::{
    fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use super::{hash, part::Part, tools::Pip};
use crate::{
    pins::{PYTHON, Wheel},
    place, stop,
    stop::Stop,
};

/// Fetches the part's wheels, except those that an interrupted set-up has left in `store`.
///
/// # Errors
/// Where pip fails, or a wheel is not the pinned one.
pub(super) fn all(pip: &Pip, part: &Part, store: &Path) -> Result<Vec<PathBuf>> {
    part.wheels.iter().map(|wheel| one(pip, wheel, part.platform, store)).collect()
}

fn one(pip: &Pip, wheel: &Wheel, platform: &str, store: &Path) -> Result<PathBuf> {
    let path = store.join(wheel.file);
    if path.is_file() {
        if hash::sha256(&path)? == wheel.sha256 {
            return Ok(path);
        }
        eprintln!("{} is damaged: fetching it again", place::shown(&path));
    }
    let size = wheel.bytes.div_ceil(1_000_000);
    eprintln!(
        "fetching {} {} for {platform} ({size} MB) into {} – once",
        wheel.name(),
        wheel.version(),
        place::shown(store)
    );
    // pip may be interrupted while it writes: nothing bears the wheel's name before it has been checked.
    let incoming = store.join("incoming");
    fs::remove_dir_all(&incoming).ok();
    fs::create_dir_all(&incoming).map_err(|error| stop::writing(&incoming, error))?;
    download(pip, wheel, &incoming)?;
    verified(&incoming.join(wheel.file), wheel)?;
    fs::rename(incoming.join(wheel.file), &path).map_err(|error| stop::writing(&path, error))?;
    fs::remove_dir_all(&incoming).ok();
    Ok(path)
}

/// Compares a file with its pin; removes it where it differs.
fn verified(path: &Path, wheel: &Wheel) -> Result<()> {
    let found = hash::sha256(path)?;
    if found == wheel.sha256 {
        return Ok(());
    }
    fs::remove_file(path).ok();
    Err(Stop::user(format!(
        "{} is not the pinned file: its SHA-256 is {found}, expected {}; it was cut short or replaced on the way, so it is removed: check the network or the package mirror and run the same command again",
        path.display(),
        wheel.sha256
    )))
}

fn download(pip: &Pip, wheel: &Wheel, folder: &Path) -> Result<()> {
    let mut command =
        pip.command(&["download", "--no-deps", "--no-cache-dir", "--no-input", "--disable-pip-version-check"]);
    command.args(["--only-binary=:all:", "--python-version", PYTHON, "--platform", wheel.tag()]);
    command.arg(format!("{}=={}", wheel.name(), wheel.version())).arg("--dest").arg(folder);
    // pip downloads into the temporary folder first, which is often smaller than a wheel.
    command.env("TMPDIR", folder).stdin(Stdio::null()).stderr(Stdio::piped());
    show_progress(&mut command);
    let output =
        command.spawn().and_then(std::process::Child::wait_with_output).context("failed to start pip")?;
    if output.status.success() {
        return Ok(());
    }
    Err(Stop::user(reason(wheel, &String::from_utf8_lossy(&output.stderr))))
}

/// pip's progress bar is on its stdout; a person sees it on our stderr, and a log is spared it.
fn show_progress(command: &mut Command) {
    if io::stderr().is_terminal() {
        command.stdout(io::stderr());
    } else {
        command.arg("--quiet").stdout(Stdio::null());
    }
}

/// One line out of pip's many.
fn reason(wheel: &Wheel, talk: &str) -> String {
    let what = format!("{} {}", wheel.name(), wheel.version());
    if talk.contains("No space left") {
        return format!(
            "the disk is full while pip fetches {what}: free some space, or set NOISYDARTS_CACHE to a folder on a larger disk, and run the same command again"
        );
    }
    if talk.contains("Retrying (") || talk.contains("from versions: none") || talk.contains("Connection") {
        return format!(
            "no network: pip cannot reach its package index for {what}; connect, or tell pip of a proxy or mirror (PIP_PROXY, PIP_INDEX_URL), and run the same command again: wheels already fetched are kept"
        );
    }
    let last = talk.lines().rev().find_map(|line| line.strip_prefix("ERROR: ")).unwrap_or("no reason given");
    format!("pip cannot fetch {what}: {last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes `abc`; the digest is FIPS 180-4's.
    const ABC: Wheel = Wheel {
        file: "a_b-1.0-py3-none-manylinux_2_28_x86_64.whl",
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        bytes: 3,
    };

    #[test]
    fn only_the_pinned_bytes_pass() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(ABC.file);
        fs::write(&path, "abc").unwrap();
        verified(&path, &ABC).unwrap();
        fs::write(&path, "ab").unwrap();
        let error = verified(&path, &ABC).unwrap_err().to_string();
        assert!(error.contains(ABC.file) && error.contains(ABC.sha256), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn pips_talk_becomes_one_line() {
        let offline = "WARNING: Retrying (Retry(total=4)) after connection broken\nERROR: No matching distribution found for a-b==1.0";
        assert!(reason(&ABC, offline).starts_with("no network"));
        let full = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device";
        assert!(reason(&ABC, full).starts_with("the disk is full"));
        assert_eq!(reason(&ABC, "x\nERROR: odd thing\ny"), "pip cannot fetch a-b 1.0: odd thing");
        for talk in [offline, full, ""] {
            assert!(!reason(&ABC, talk).contains('\n'));
        }
    }
}
