//! Runs cargo and our own programs in this clone, with the environment that they need.

use std::{
    env,
    process::{Command, ExitStatus, Stdio},
};

use anyhow::{Context, Result};

use crate::{place, stop::Stop};

/// Cargo with these arguments; not started yet.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args);
    prepare(&mut command);
    command
}

/// Sets the working folder and the libraries' places.
pub(crate) fn prepare(command: &mut Command) {
    command.current_dir(place::root()).stdin(Stdio::null());
    command.env("ORT_DYLIB_PATH", place::onnxruntime_library());
    if place::own_libtorch().is_none() {
        // `.cargo/config.toml` says it again. Left to that, cargo sees no change between our runs and plain ones.
        command.env_remove("LIBTORCH");
    }
}

/// The command as a person would type it.
pub(crate) fn typed(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Says what is run, runs it, and fails as it fails.
///
/// # Errors
/// Where the command cannot be started or does not succeed.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let line = typed(&command);
    eprintln!("xtask: {line}");
    let status = command.status().with_context(|| format!("failed to start `{line}`"))?;
    checked(line, status)
}

/// A status other than success as an error that passes it on.
///
/// # Errors
/// Where the status is not success.
pub(crate) fn checked(command: String, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let status = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Err(Stop::Child { command, status }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_without_their_folder() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["test", "--workspace"]);
        assert_eq!(typed(&command), "cargo test --workspace");
    }
}
