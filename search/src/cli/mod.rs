//! The command line.

/// As `print!`, but a reader that has had enough, such as `head`, is no fault.
macro_rules! put {
    ($($text:tt)*) => { $crate::cli::common::put(format_args!($($text)*)) };
}

/// As `println!`, by [`put`].
macro_rules! put_line {
    ($($text:tt)*) => { $crate::cli::common::put(format_args!("{}\n", format_args!($($text)*))) };
}

mod baseline;
mod bench_step;
mod benchmark;
mod common;
mod compare;
mod derive;
mod draw;
mod hessian;
mod landscape;
mod lists;
mod nb201;
mod predict;
mod run;
mod sample;
mod stored;
mod train;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::net::Shortcut;

/// Search for networks with NoisyDARTS and its kin, and train what was found.
#[derive(Parser)]
#[command(name = "noisydarts-search", version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// No progress bars and no talk on stderr but warnings and errors.
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Search; writes a run folder with the genotype, metrics and a report.
    Run(run::Args),
    /// Train the network of a genotype from scratch; writes weights for noisydarts-export.
    Train(train::Args),
    /// Print the genotype of a run folder as it stands.
    Derive(derive::Args),
    /// Lay several searches over each other: skip weights, skips, validation accuracy, what dominates.
    Compare(compare::Args),
    /// Validation loss and accuracy of a search's supernet over two directions of its alphas, as pictures.
    Landscape(landscape::Args),
    /// Curvature of the validation loss over the alphas of a search: the Hessian and its eigenvalues.
    Hessian(hessian::Args),
    /// Draw the cells of a genotype as SVG.
    Draw(draw::Args),
    /// Write logits of test images, to compare other runtimes with.
    Predict(predict::Args),
    /// Sample a genotype at random: the control that a search has to beat.
    Sample(sample::Args),
    /// Train a linear classifier on pixels: the floor that any network has to beat.
    Baseline(baseline::Args),
    /// NAS-Bench-201: what each of its 15,625 architectures reaches.
    Nb201(nb201::Args),
    /// Run benchmarks of the paper over methods and seeds; lists them without a name.
    Benchmark(benchmark::Args),
    /// Time steps of a search or a training; one line of JSON.
    BenchStep(bench_step::Args),
    /// List the search methods with their sources.
    Methods,
    /// List the search spaces with their sources.
    Spaces,
    /// List the presets, or print one with the source of each value.
    Presets(lists::PresetsArgs),
}

/// How a command ended well.
pub(crate) enum Ended {
    /// All done.
    Done,
    /// Done, and a comparison did not hold.
    Differs,
    /// Interrupted; it can be resumed.
    Interrupted,
}

type Done = Result<Ended, Error>;

/// Runs the program with these arguments, the program's name first.
///
/// Exit status: 0 done, 1 it failed, 2 the user's input is wrong, 3 a comparison did not hold, 130 interrupted.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Printing can only fail when the terminal is gone.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    // A step frees what the next one needs again.
    if !matches!(&cli.command, Command::BenchStep(args) if args.leaves_out(Shortcut::Keep)) {
        kernels::keep_memory();
    }
    match dispatch(cli) {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Differs) => ExitCode::from(3),
        Ok(Ended::Interrupted) => ExitCode::from(130),
        Err(error) => {
            eprintln!("error: failed to {}", chain(&error));
            ExitCode::from(if error.is_users() { 2 } else { 1 })
        }
    }
}

fn dispatch(cli: Cli) -> Done {
    let quiet = cli.quiet;
    match cli.command {
        Command::Run(args) => run::run(&args, quiet),
        Command::Train(args) => train::train(&args, quiet),
        Command::Derive(args) => derive::derive(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Landscape(args) => landscape::landscape(&args, quiet),
        Command::Hessian(args) => hessian::hessian(&args, quiet),
        Command::Draw(args) => draw::draw(&args),
        Command::Predict(args) => predict::predict(&args, quiet),
        Command::Sample(args) => sample::sample(&args),
        Command::Baseline(args) => baseline::baseline(&args, quiet),
        Command::Nb201(args) => nb201::nb201(&args, quiet),
        Command::Benchmark(args) => benchmark::benchmark(&args, quiet),
        Command::BenchStep(args) => bench_step::bench_step(&args),
        Command::Methods => lists::methods(),
        Command::Spaces => lists::spaces(),
        Command::Presets(args) => lists::presets(&args),
    }
}

/// An error and its causes, each said once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
