//! `noisydarts-export quantize`.

use std::path::PathBuf;

use clap::ValueEnum;
use models::input::per_channel;
use sha2::{Digest as _, Sha256};

use super::{Error, Method, Precision, Quantized, Ranges, quantize};
use crate::weights::hex;

/// Arguments of `quantize`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ONNX file of 32-bit floats.
    model: PathBuf,
    /// What weights become.
    #[arg(long, value_enum, default_value_t)]
    weights: Width,
    /// Pictures whose training split shows which range activations have: embedded, cifar10:DIR, cifar100:DIR, svhn:DIR,
    /// mnist:DIR, fashion-mnist:DIR, folder:DIR. int8 needs them.
    #[arg(long, value_name = "DATA")]
    calibrate: Option<String>,
    /// How many of them, as many of each class.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    images: u32,
    /// How the range of an activation is chosen.
    #[arg(long, value_enum, default_value_t)]
    method: Method,
    /// With --method percentile: the share of an activation's numbers to keep, in percent.
    #[arg(long, value_name = "P", default_value_t = 99.999, value_parser = percentile)]
    percentile: f64,
    /// Subtracted from each channel of values in [0, 1], in place of what the model's metadata says.
    #[arg(long, value_name = "R,G,B", value_parser = per_channel, allow_hyphen_values = true, requires = "std")]
    mean: Option<[f32; 3]>,
    /// Divides each channel after that.
    #[arg(long, value_name = "R,G,B", value_parser = per_channel, requires = "mean")]
    std: Option<[f32; 3]>,
    /// The ONNX file to write.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// How the summary on standard output is written.
    #[arg(long, value_enum, default_value_t)]
    format: crate::cli::Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Width {
    /// 8-bit integers, and activations bytes; a quarter of the size.
    #[default]
    Int8,
    /// Half floats, all else in 32 bits; half the size.
    Fp16,
}

/// Makes the file smaller. Returns its bytes and the line of data about it; what there is to know goes to stderr.
pub(crate) fn run(args: &Args) -> Result<(Vec<u8>, String), Error> {
    let quantized = quantize(&args.model, &args.precision()?)?;
    quantized.notes.iter().for_each(|note| eprintln!("note: {note}"));
    if !quantized.left.is_empty() {
        let left: Vec<String> = quantized.left.iter().map(|(operator, n)| format!("{n} {operator}")).collect();
        eprintln!("note: left in 32-bit floats: {}", left.join(", "));
    }
    let line = args.line(&quantized);
    Ok((quantized.bytes, line))
}

impl Args {
    fn precision(&self) -> Result<Precision, Error> {
        let flag = |problem: &str| Error::Flag { flag: "--calibrate", problem: problem.into() };
        match (self.weights, &self.calibrate) {
            (Width::Fp16, None) => Ok(Precision::Fp16),
            (Width::Fp16, Some(_)) => Err(flag("half floats need no pictures")),
            (Width::Int8, None) => {
                Err(flag("it is missing; int8 needs pictures, such as embedded or cifar10:DIR"))
            }
            (Width::Int8, Some(data)) => Ok(Precision::Int8(Ranges {
                data: data.parse()?,
                images: self.images as usize,
                method: self.method,
                percentile: self.percentile,
                statistics: self.mean.zip(self.std).map(|(mean, std)| [mean, std]),
            })),
        }
    }

    fn line(&self, quantized: &Quantized) -> String {
        let Quantized { bytes, bytes_before, nodes, left, .. } = quantized;
        let (path, sha256) = (self.output.display().to_string(), hex(&Sha256::digest(bytes)));
        let size = bytes.len();
        match self.format {
            crate::cli::Format::Text => {
                let share = 100.0 * size as f64 / *bytes_before as f64;
                format!(
                    "{path}: {nodes} nodes with smaller weights, {size} bytes, {share:.1} % of {bytes_before}, sha256 {sha256}"
                )
            }
            crate::cli::Format::Json => serde_json::json!({
                "path": path, "nodes": nodes, "bytes": size, "bytes_before": bytes_before, "left": left,
                "sha256": sha256,
            })
            .to_string(),
        }
    }
}

fn percentile(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value| *value > 50.0 && *value <= 100.0);
    value.ok_or_else(|| "expected a number above 50 and up to 100".into())
}
