//! The command line.

use std::error::Error as _;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};
use models::spaces::skeleton::Stem;

use crate::error::Error;
use crate::lower::lower;
use crate::model::{self, Model};
use crate::operations;
use crate::options::{Batch, Options, Target};
use crate::quantize;
use crate::source::{Asked, network};
use crate::weights::Weights;

/// Export a network to an ONNX file, or make such a file smaller.
///
/// Exit status: 0 done, 1 it failed, 2 the input is wrong.
#[derive(Debug, Parser)]
#[command(
    name = "noisydarts-export",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    args: Option<Args>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an ONNX file smaller: 8-bit integers, or half-float weights
    Quantize(quantize::Args),
    /// Write a search space's operations as ONNX files of their own, for `noisydarts-evaluate lut`
    Operations(operations::Args),
}

/// Arguments of an export.
#[derive(Debug, clap::Args)]
struct Args {
    /// A genotype file (JSON or Python text), a file of timm's block strings, or zoo:NAME.
    genotype: String,
    /// The trained weights, a safetensors file of `noisydarts-search train`. It says what surrounds the cells, so that the
    /// flags below are not needed; where they are given, they must agree.
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// What surrounds the cells [default: cifar].
    #[arg(long)]
    skeleton: Option<StemArg>,
    /// Channels C of the first cell [default: 36; imagenet: 48].
    #[arg(long, value_name = "C")]
    channels: Option<usize>,
    /// Number of cells [default: 20; imagenet: 14].
    #[arg(long, value_name = "L")]
    cells: Option<usize>,
    /// Number of classes [default: 10; imagenet: 1000].
    #[arg(long, value_name = "N")]
    classes: Option<usize>,
    /// Height and width of the input in pixels [default: 32x32; imagenet: 224x224].
    #[arg(long, value_name = "HxW", value_parser = size)]
    input: Option<[usize; 2]>,
    /// What the file is to run on.
    #[arg(long, value_enum, default_value_t)]
    target: Target,
    /// Images at once: a number, or dynamic. Mobile accelerators need a number.
    #[arg(long, value_name = "N|dynamic", default_value_t)]
    batch: Batch,
    /// Export weights that are still at initialisation; without --weights, random weights and batch statistics.
    #[arg(long)]
    allow_random: bool,
    /// Seed of the random weights.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The ONNX file to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// How the summary on standard output is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StemArg {
    /// One 3x3 convolution; for pictures of about 32x32.
    Cifar,
    /// Three strided 3x3 convolutions; for pictures of about 224x224.
    Imagenet,
}

impl From<StemArg> for Stem {
    fn from(stem: StemArg) -> Self {
        match stem {
            StemArg::Cifar => Self::Cifar,
            StemArg::Imagenet => Self::ImageNet,
        }
    }
}

pub(crate) fn size(text: &str) -> Result<[usize; 2], String> {
    let parse = || {
        let (height, width) = text.split_once('x')?;
        Some([height.parse().ok()?, width.parse().ok()?])
    };
    parse().ok_or_else(|| "expected height and width, such as 32x32".into())
}

/// Runs the program with these arguments, its name first.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing is left to do where even the message cannot be written.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match cli.run() {
        Ok(line) => print(&line),
        Err(error) => {
            eprintln!("error: failed to {}", chain(&error));
            ExitCode::from(if error.is_users() { 2 } else { 1 })
        }
    }
}

impl Cli {
    /// Does what is asked for, and gives the line of data.
    fn run(&self) -> Result<String, Error> {
        match (&self.command, &self.args) {
            (Some(Command::Quantize(args)), _) => {
                let (bytes, line) = quantize::run(args)?;
                model::write(&args.output, &bytes)?;
                Ok(line)
            }
            (Some(Command::Operations(args)), _) => operations::run(args),
            (None, Some(args)) => Ok(report(args, &run(args)?)),
            // The parser lets this through no more than any other missing argument.
            (None, None) => Ok(Self::command().render_usage().to_string()),
        }
    }
}

fn run(args: &Args) -> Result<Model, Error> {
    let stored = args.weights.as_ref().map(Weights::read).transpose()?;
    let (network, genotype) = network(&args.genotype, &args.asked(), stored.as_ref())?;
    let mut weights = stored.unwrap_or_else(|| Weights::random(&network, args.seed));
    weights.summary.genotype = genotype;
    let model = lower(&network, &weights, &args.options())?;
    model.write(&args.output)?;
    Ok(model)
}

impl Args {
    fn asked(&self) -> Asked {
        Asked {
            stem: self.skeleton.map(Stem::from),
            channels: self.channels,
            cells: self.cells,
            classes: self.classes,
            size: self.input,
        }
    }

    const fn options(&self) -> Options {
        Options { batch: self.batch, target: self.target, allow_random: self.allow_random }
    }
}

/// An error and its causes, each that adds something.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        cause = error.source();
    }
    text
}

/// The one line of data.
fn report(args: &Args, model: &Model) -> String {
    let path = args.output.display();
    let (nodes, bytes, sha256) = (model.nodes, model.bytes().len(), model.sha256());
    let (trained, deployed, macs) = (model.trained_parameters, model.deployed_parameters, model.macs);
    match args.format {
        Format::Text => {
            format!("{path}: {nodes} nodes, {trained} parameters, {macs} MACs, {bytes} bytes, sha256 {sha256}")
        }
        Format::Json => serde_json::json!({
            "path": path.to_string(), "nodes": nodes, "bytes": bytes, "sha256": sha256,
            "params": { "trained": trained, "deployed": deployed }, "macs": { "conv_linear": macs },
        })
        .to_string(),
    }
}

/// Writes the line of data.
fn print(line: &str) -> ExitCode {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("error: failed to write to standard output: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}
