//! `cargo xtask check`: what continuous integration runs. `.ci/run` is this and nothing else.

use anyhow::Result;

use crate::{cargo, setup, test};

/// Formatting first: it is the quickest to say no.
const FORMAT: &[&str] = &["fmt", "--all", "--check"];
const LINTS: &[&str] =
    &["clippy", "--workspace", "--all-targets", "--features", "tests/torch", "--", "-D", "warnings"];
const DOCUMENTATION: &[&str] = &["doc", "--workspace", "--no-deps"];

/// Checks format, lints and documentation, then runs all tests; stops at the first that fails.
///
/// # Errors
/// Where the set-up or a step fails; a step's status is passed on.
pub(crate) fn run() -> Result<()> {
    cargo::run(cargo::cargo(FORMAT))?;
    setup::ensure()?;
    cargo::run(cargo::cargo(LINTS))?;
    let mut documentation = cargo::cargo(DOCUMENTATION);
    documentation.env("RUSTDOCFLAGS", "-D warnings");
    cargo::run(documentation)?;
    test::run(&[])
}
