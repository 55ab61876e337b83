//! The command line.

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand, ValueEnum as _, builder::PossibleValuesParser};

use crate::{
    commands::{Verdict, accuracy, compare, cost, inspect, latency, lut, parity, report, table, variants, zoo},
    device::Place,
    error::{Error, Result},
    report::{Format, Report, print},
    runtimes::{self, Options, RUNTIMES, Runtime},
    talk::Talk,
};

/// Judges models by their ONNX file: cost, accuracy, latency, agreement of runtimes.
///
/// Results go to stdout, notes and progress to stderr. Exit status: 0 done, 1 it failed, 2 the input is wrong, 3 a comparison did not hold.
#[derive(Debug, Parser)]
#[command(name = "noisydarts-evaluate", version)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Args)]
struct Global {
    /// Form of the results on stdout
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
    /// No notes and no progress on stderr
    #[arg(long, global = true)]
    quiet: bool,
    /// ONNX Runtime's library, or the folder it is in
    #[arg(long, global = true, value_name = "PATH")]
    ort_dylib: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Multiply-adds and parameters
    Cost(cost::Args),
    /// Top-1 and top-5 on labelled pictures
    Accuracy(accuracy::Args),
    /// Time per run
    Latency(latency::Args),
    /// How much slower or faster one model is than another
    Compare(compare::Args),
    /// One process of `compare`
    #[command(hide = true, name = compare::CHILD)]
    MeasureTogether(compare::ChildArgs),
    /// Measure a search space's operations: the look-up table of the search's latency term
    Lut(lut::Args),
    /// A model and its smaller files: size, accuracy and time in one table
    Variants(variants::Args),
    /// How far runtimes, and the trained network, are from each other
    Parity(parity::Args),
    /// What is in a file
    Inspect(inspect::Args),
    /// One page of results of several runs and devices: tables, Pareto fronts, time per node
    Report(report::Args),
    /// The networks that `zoo:NAME` stands for
    Zoo(zoo::Args),
    /// The paper's tables, with what its networks count beside what was published
    Table(table::Args),
}

/// The names of the runtimes, and no others.
pub(crate) fn runtime_names() -> PossibleValuesParser {
    PossibleValuesParser::new(RUNTIMES.iter().map(|runtime| runtime.name()))
}

/// Which runtime, by name.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct RuntimeArg {
    /// What runs the model [default: ort; tract in a program without it, and on a device without --device-ort]
    #[arg(long, value_parser = runtime_names())]
    runtime: Option<String>,
}

impl RuntimeArg {
    /// The runtime. The parser has let only known names through.
    pub(crate) fn get(&self) -> &'static dyn Runtime {
        self.runtime.as_deref().and_then(runtimes::find).unwrap_or(RUNTIMES[0])
    }

    /// Its name on a device that has ONNX Runtime or not.
    pub(crate) fn there(&self, place: &Place) -> String {
        let usual = if place.ort.is_some() { "ort" } else { "tract" };
        self.runtime.clone().unwrap_or_else(|| usual.into())
    }
}

/// What every command needs besides its own arguments.
pub(crate) struct Context {
    pub(crate) talk: Talk,
    library: Option<PathBuf>,
    format: Format,
}

impl Context {
    /// How to run a model on inputs of this shape.
    pub(crate) fn options(&self, shape: Vec<usize>, threads: usize) -> Options {
        Options { shape, threads, library: self.library.clone(), ..Options::default() }
    }

    /// The form of the results, as the command line names it.
    pub(crate) fn format_name(&self) -> String {
        self.format.to_possible_value().map_or_else(String::new, |value| value.get_name().into())
    }

    /// Prints a result.
    pub(crate) fn print(&self, report: &impl Report) -> Result<()> {
        print(report, self.format).map_err(|e| Error::Write { path: "stdout".into(), source: e.into() })
    }
}

/// The program `noisydarts-evaluate`: parses the arguments (the first one is the program's name), runs, and returns the exit status.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to stdout with status 0, everything else to stderr with status 2. Where that fails, nothing can be said.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let Global { format, quiet, ort_dylib: library } = cli.global;
    let context = Context { talk: Talk { quiet }, library, format };
    match cli.command.run(&context) {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::Violated) => ExitCode::from(3),
        Err(error) => {
            eprintln!("error: failed to {}", error.chain());
            ExitCode::from(error.status())
        }
    }
}

impl Command {
    fn run(&self, context: &Context) -> Result<Verdict> {
        match self {
            Self::Cost(args) => cost::run(args, context),
            Self::Accuracy(args) => accuracy::run(args, context),
            Self::Latency(args) => latency::run(args, context),
            Self::Compare(args) => compare::run(args, context),
            Self::MeasureTogether(args) => compare::run_child(args, context),
            Self::Lut(args) => lut::run(args, context),
            Self::Variants(args) => variants::run(args, context),
            Self::Parity(args) => parity::run(args, context),
            Self::Inspect(args) => inspect::run(args, context),
            Self::Report(args) => report::run(args, context),
            Self::Zoo(args) => zoo::run(args, context),
            Self::Table(args) => table::run(args, context),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
