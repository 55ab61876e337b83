//! `cargo xtask test`: every test, with one total at the end.

use std::{
    io::{self, BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{cargo, setup, summary::Summary};

/// Sets up what is missing, then runs all tests, those behind `tests/torch` too.
///
/// # Errors
/// Where the set-up fails, and where `cargo test` does: its status is passed on.
pub(crate) fn run(args: &[String]) -> Result<()> {
    setup::ensure()?;
    let mut command = cargo::cargo(&["test", "--workspace", "--features", "tests/torch", "--no-fail-fast"]);
    command.args(args);
    counted(command)
}

/// Runs `cargo test` with its output passed through, and prints the total over all test binaries.
fn counted(mut command: Command) -> Result<()> {
    let line = cargo::typed(&command);
    eprintln!("xtask: {line}");
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("failed to start `{line}`"))?;
    let output = child.stdout.take().context("no output of cargo")?;
    let summary = pass_on(BufReader::new(output), &mut io::stdout().lock())?;
    let status = child.wait()?;
    if summary.any() {
        println!("\n{summary}");
    }
    cargo::checked(line, status)
}

/// Copies lines as they come, counting on the way. Test output need not be UTF-8.
fn pass_on(mut from: impl BufRead, to: &mut impl Write) -> Result<Summary> {
    let mut summary = Summary::default();
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        summary.read(&String::from_utf8_lossy(&line));
        line.clear();
    }
    to.flush()?;
    Ok(summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_passed_on_unchanged() {
        let text = b"not utf-8: \xff\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured\nno newline";
        let mut copy = Vec::new();
        let summary = pass_on(&text[..], &mut copy).unwrap();
        assert_eq!(copy, text);
        assert_eq!(summary.to_string(), "2 passed, 0 failed");
    }
}
