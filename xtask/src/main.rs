//! `cargo xtask`: fetches libtorch and ONNX Runtime, then builds, checks, tests, demonstrates and measures with them.
#![forbid(unsafe_code)]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::setup::DeviceChoice;

mod bench;
mod cargo;
mod check;
mod demo;
mod device_build;
mod pins;
mod place;
mod setup;
mod stop;
mod summary;
mod test;

/// What a clone of this repository needs besides cargo.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Fetch libtorch and ONNX Runtime into the cache (`NOISYDARTS_CACHE`) and link them under .deps
    Setup {
        /// auto: CUDA where there is an NVIDIA driver for it, otherwise the CPU set
        #[arg(long, value_enum, default_value_t = DeviceChoice::Auto)]
        device: DeviceChoice,
    },
    /// Run every test, those that need libtorch too
    Test {
        /// Passed on to `cargo test`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// What continuous integration runs: format, lints, documentation, tests
    Check,
    /// Search, derive, retrain, export and evaluate on the embedded images
    Demo {
        /// Folder for what the run makes [default: runs/demo]
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Build `noisydarts-evaluate` for a device: tract alone, one small file
    DeviceBuild {
        /// Rust's name of it, as aarch64-unknown-linux-gnu, aarch64-linux-android [default: Linux on this processor]
        target: Option<String>,
        /// With ONNX Runtime as well, whose library is then copied to the device by --device-ort
        #[arg(long)]
        ort: bool,
    },
    /// Time our steps beside those of `PyTorch` peers, in turns, or how they grow (`bench scaling`)
    Bench(bench::Args),
    /// Draw the rows of `bench` in BENCHMARKS.md as docs/steps.svg
    Picture,
}

impl Task {
    fn run(&self) -> Result<()> {
        match self {
            Self::Setup { device } => setup::run(*device),
            Self::Test { args } => test::run(args),
            Self::Check => check::run(),
            Self::Demo { out } => demo::run(out.as_deref()),
            Self::DeviceBuild { target, ort } => device_build::run(target.as_deref(), *ort),
            Self::Bench(args) => bench::run(args),
            Self::Picture => bench::draw(),
        }
    }
}

fn main() -> ExitCode {
    match Args::parse().task.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => stop::report(&error),
    }
}
