//! `noisydarts-search predict`: what the training network says, for other runtimes to be compared with.

use std::path::PathBuf;

use models::data::{Source, Split};
use models::spaces;
use serde_json::json;
use tch::{Kind, Tensor};

use crate::device;
use crate::error::Error;
use crate::evaluation::predict as logits;
use crate::net::{Mode, Net, Subject};
use crate::tensor_file::{self, Metadata};
use crate::weights_file::WeightsFile;

use super::common::say;
use super::{Done, Ended};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Weights from `train`.
    weights: PathBuf,
    /// Test images of this source.
    #[arg(long, default_value = "embedded", value_name = "SOURCE")]
    data: String,
    /// Use the first N test images; 0 for all.
    #[arg(long, default_value_t = 0, value_name = "N")]
    limit: usize,
    /// File for `logits` [N, classes] and `labels` [N].
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// auto, cpu, cuda or cuda:N.
    #[arg(long, default_value = "auto")]
    device: String,
    /// Threads of libtorch; 0 for one per core.
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

pub(super) fn predict(args: &Args, quiet: bool) -> Done {
    let device = device::by_name(&args.device)?;
    device::use_threads(args.threads);
    let file = WeightsFile::read(&args.weights)?;
    let description = &file.description;
    let skeleton = description.network.skeleton();
    let space = spaces::by_name(&description.network.space)?;
    let network = space.derived(space.name(), &description.genotype, &skeleton)?.inference();
    let net = Net::new(network);
    let (weights, statistics) = file.load(&net.layout, device)?;
    let source: Source = args.data.parse()?;
    let pixels = source.load(Split::Test)?.pixels(&description.input)?;
    let count = if args.limit == 0 { pixels.len() } else { args.limit.min(pixels.len()) };
    let subject = Subject { net: &net, weights: &weights, statistics: &statistics, mode: Mode::EVALUATE };
    let logits = logits(subject, &pixels, &description.input, 0..count);
    let labels: Vec<i64> = pixels.labels[..count].iter().map(|&label| i64::from(label)).collect();
    let labels = Tensor::from_slice(&labels);
    write(args, &logits, &labels)?;
    let correct = logits.to_device(tch::Device::Cpu).argmax(-1, false).eq_tensor(&labels).sum(Kind::Int64);
    let correct = correct.int64_value(&[]);
    say(quiet, &format!("{correct} of {count} correct"));
    put_line!("{}", json!({ "correct": correct, "images": count, "top1": correct as f64 / count as f64 }));
    Ok(Ended::Done)
}

fn write(args: &Args, logits: &Tensor, labels: &Tensor) -> Result<(), Error> {
    let tensors = [("logits".to_string(), logits.shallow_clone()), ("labels".into(), labels.shallow_clone())];
    let metadata =
        Metadata::from([("runtime".to_string(), "libtorch".to_string()), ("data".into(), args.data.clone())]);
    tensor_file::write(&args.out, &tensors, &metadata)
}
