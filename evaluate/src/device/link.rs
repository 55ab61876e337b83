//! How a device is reached.

use std::{
    path::Path,
    process::{Command, Output},
};

use super::shell::{Answer, Lost};

/// A way to a device: it runs scripts of a POSIX shell there, and copies files.
pub(crate) trait Link: Send {
    /// The device, for messages.
    fn name(&self) -> String;

    /// Whether the device is there, before anything else is tried. The problem says the way out.
    fn check(&self) -> Result<(), String>;

    /// Runs a script to its end. Its status and what it wrote to stdout; [`Lost`] where the connection failed before.
    fn run(&self, script: &str) -> Result<Answer, Lost>;

    /// Copies a file or a whole folder to this path, which is not there yet.
    fn push(&self, from: &Path, to: &str) -> Result<(), Lost>;

    /// Copies a file from there.
    fn pull(&self, from: &str, to: &Path) -> Result<(), Lost>;
}

/// Runs a program of this machine.
pub(super) fn output(command: &mut Command) -> Result<Output, Lost> {
    let program = command.get_program().to_string_lossy().into_owned();
    let cannot = |error: std::io::Error| Lost(format!("`{program}` cannot be started ({error}): install it"));
    command.output().map_err(cannot)
}

/// Nothing where the program succeeded; otherwise what it said.
pub(super) fn done(output: &Output) -> Result<(), Lost> {
    if output.status.success() { Ok(()) } else { Err(Lost::said(output)) }
}
