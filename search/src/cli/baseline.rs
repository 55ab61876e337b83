//! `noisydarts-search baseline`.

use models::layer::Layer;
use models::network::Builder;
use models::shape::Shape;
use serde_json::json;
use tch::{Device, no_grad};

use crate::data::{Images, plain_batch};
use crate::error::Error;
use crate::evaluation::{Subject, evaluate};
use crate::net::{Mode, Net, Statistics, Weights};
use crate::optim::{Sgd, SgdConfig, cosine};
use crate::random::{Purpose, Seed};

use super::common::{Settings, say};
use super::{Done, Ended};

/// Epochs of the linear classifier.
const EPOCHS: usize = 30;
/// Images per step.
const BATCH: usize = 100;
/// A usual rate for momentum 0.9; not tuned yet.
const LEARNING_RATE: f64 = 0.01;

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn baseline(args: &Args, quiet: bool) -> Done {
    let config = args.settings.resolve(&[])?;
    let images = Images::load(&config)?;
    let net = Net::new(linear(&images)?);
    let seed = Seed(config.seed);
    let mut weights = Weights::initial(&net.layout, seed, Device::Cpu);
    let statistics = Statistics::initial(&net.layout, Device::Cpu);
    let mut optimizer = Sgd::new(SgdConfig { momentum: 0.9, weight_decay: 1e-4, nesterov: false });
    for epoch in 0..EPOCHS {
        let rate = cosine(LEARNING_RATE, 0.0, epoch, EPOCHS);
        train_epoch(&net, &mut weights, &statistics, &images, &mut optimizer, seed, epoch, rate);
    }
    let subject = Subject {
        net: &net,
        weights: &weights,
        statistics: &statistics,
        mode: Mode::EVALUATE,
        device: Device::Cpu,
    };
    let test = evaluate(subject, &images.test, &images.input, 0..images.test.labels.len());
    say(quiet, &format!("linear classifier: {:.2} %", 100.0 * test.accuracy()));
    println!(
        "{}",
        json!({ "correct": test.correct as u64, "images": test.images as u64, "top1": test.accuracy() })
    );
    Ok(Ended::Done)
}

/// A linear layer on the pixels: multinomial logistic regression.
fn linear(images: &Images) -> Result<models::network::Network, Error> {
    let [height, width] = images.input.size;
    let mut b = Builder::new("linear", Shape::map(3, height, width));
    let parts = vec![("flatten", Layer::Flatten), ("linear", Layer::Linear(images.classes.len()))];
    let logits = b.chain("head", 0, parts)?;
    b.output("logits", logits);
    Ok(b.finish()?)
}

#[allow(clippy::too_many_arguments, reason = "one loop of a twenty-line classifier")]
fn train_epoch(
    net: &Net,
    weights: &mut Weights,
    statistics: &Statistics,
    images: &Images,
    optimizer: &mut Sgd,
    seed: Seed,
    epoch: usize,
    rate: f64,
) {
    let count = images.train.labels.len() / BATCH * BATCH;
    let order = seed.stream(Purpose::TrainOrder, epoch as u64).permutation(count / BATCH);
    for step in order {
        let start = step as usize * BATCH;
        let batch = plain_batch(&images.train, &images.input, start..start + BATCH, Device::Cpu);
        let logits = net.logits(weights, statistics, &batch.images, Mode { train: true, ..Mode::EVALUATE });
        let gradient = weights.gradient(&logits.cross_entropy_for_logits(&batch.labels));
        no_grad(|| optimizer.step(&mut weights.flat, gradient, rate));
    }
}
