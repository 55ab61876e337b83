//! The tools that a set-up and a build need, checked before anything is fetched.

use std::{
    env, io,
    process::{Command, Output},
};

use anyhow::Result;

use crate::stop::Stop;

/// The first pip that knows the `manylinux_2_28` tags.
const OLDEST_PIP: (u32, u32) = (20, 3);

/// A Python whose pip works.
pub(super) struct Pip {
    python: &'static str,
}

impl Pip {
    /// pip with these arguments; not started yet.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.python);
        command.args(["-m", "pip"]).args(args);
        command
    }
}

/// Looks for Python and pip.
///
/// # Errors
/// With what is missing and how to get it.
pub(super) fn pip() -> Result<Pip> {
    let Some(python) = ["python3", "python"].into_iter().find(|name| succeeds(name, &["--version"])) else {
        return Err(Stop::user(
            "python3 is missing; its pip fetches the libraries: install any version (Debian: `apt install python3 python3-pip`, macOS: `xcode-select --install`) and run the same command again",
        ));
    };
    let output = output(python, &["-m", "pip", "--version"]).filter(|output| output.status.success());
    let Some(version) = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()) else {
        return Err(Stop::user(format!(
            "{python} has no pip, which fetches the libraries: install it (Debian: `apt install python3-pip`, elsewhere: `{python} -m ensurepip`) and run the same command again"
        )));
    };
    if parse(&version).is_some_and(|version| version < OLDEST_PIP) {
        return Err(Stop::user(format!(
            "{} is too old: run `{python} -m pip install --upgrade pip` and the same command again",
            version.trim()
        )));
    }
    Ok(Pip { python })
}

/// Looks for the C++ compiler that torch-sys builds its shim with.
///
/// # Errors
/// With how to get one.
pub(super) fn compiler() -> Result<()> {
    let chosen = env::var("CXX").unwrap_or_default();
    let program = chosen.split_whitespace().next().unwrap_or("c++");
    if succeeds(program, &["--version"]) {
        return Ok(());
    }
    Err(Stop::user(format!(
        "no C++ compiler, `{program}` does not run: install one (Debian: `apt install g++`, macOS: `xcode-select --install`), or name it in CXX, and run the same command again"
    )))
}

fn succeeds(program: &str, args: &[&str]) -> bool {
    output(program, args).is_some_and(|output| output.status.success())
}

fn output(program: &str, args: &[&str]) -> Option<Output> {
    let output: io::Result<Output> = Command::new(program).args(args).output();
    output.ok()
}

/// `(23, 2)` of `pip 23.2.1 from …`.
fn parse(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split_whitespace().nth(1)?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pips_version_is_read() {
        assert_eq!(parse("pip 23.2.1 from /usr/lib/python3 (python 3.11)"), Some((23, 2)));
        assert_eq!(parse("pip 26.0 from x"), Some((26, 0)));
        assert_eq!(parse("something else"), None);
    }
}
