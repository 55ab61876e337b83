//! `noisydarts-search baseline`.

use std::ops::Range;

use models::layer::Layer;
use models::network::Builder;
use models::shape::Shape;
use serde_json::json;
use tch::{Device, no_grad};

use crate::config::AugmentConfig;
use crate::data::{Images, Stream};
use crate::error::Error;
use crate::evaluation::evaluate;
use crate::meter::Meter;
use crate::net::{Mode, Net, Statistics, Subject, Weights};
use crate::optim::{Sgd, SgdConfig, cosine};
use crate::random::{Purpose, Seed};

use super::common::{Settings, say};
use super::{Done, Ended};

/// Epochs of the linear classifier.
const EPOCHS: usize = 30;
/// Images per step.
const BATCH: usize = 100;
/// Learning rates to choose from.
const LEARNING_RATES: [f64; 5] = [0.03, 0.01, 0.003, 0.001, 0.0003];
/// One training image in this many chooses the learning rate.
const HELD_OUT: usize = 6;

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    settings: Settings,
}

/// A linear layer on the pixels: multinomial logistic regression.
struct Linear<'a> {
    net: Net,
    images: &'a Images,
    seed: Seed,
}

pub(super) fn baseline(args: &Args, quiet: bool) -> Done {
    let config = args.settings.resolve(&[])?;
    let images = Images::load(&config)?;
    let linear = Linear::new(&images, Seed(config.seed))?;
    let rate = linear.choose_rate();
    let weights = linear.train(0..images.train.labels.len(), rate);
    let test = linear.evaluate(&weights, &images.test, 0..images.test.labels.len());
    let percent = 100.0 * test.accuracy();
    say(
        quiet,
        &format!(
            "linear classifier: {percent:.2} % (learning rate {rate}, chosen on held-out training images)"
        ),
    );
    let (correct, count) = (test.correct as u64, test.images as u64);
    put_line!(
        "{}",
        json!({ "correct": correct, "images": count, "top1": test.accuracy(), "learning_rate": rate })
    );
    Ok(Ended::Done)
}

impl<'a> Linear<'a> {
    fn new(images: &'a Images, seed: Seed) -> Result<Self, Error> {
        let [height, width] = images.input.size;
        let mut b = Builder::new("linear", Shape::map(3, height, width));
        let parts = vec![("flatten", Layer::Flatten), ("linear", Layer::Linear(images.classes.len()))];
        let logits = b.chain("head", 0, parts)?;
        b.output("logits", logits);
        Ok(Self { net: Net::new(b.finish()?), images, seed })
    }

    /// The learning rate that does best on training images that were held out.
    fn choose_rate(&self) -> f64 {
        let count = self.images.train.labels.len();
        let kept = count - count / HELD_OUT;
        let correct = |rate: f64| {
            let weights = self.train(0..kept, rate);
            self.evaluate(&weights, &self.images.train, kept..count).correct
        };
        let tried = LEARNING_RATES.map(|rate| (correct(rate), rate));
        tried.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).map_or(LEARNING_RATES[0], |best| best.1)
    }

    fn train(&self, range: Range<usize>, learning_rate: f64) -> Weights {
        let plain = AugmentConfig { crop_padding: 0, flip: false, cutout: 0 };
        let purposes = [Purpose::TrainOrder, Purpose::TrainAugment];
        let mut stream = Stream::new(self.images, range, BATCH, self.seed, purposes, plain, Device::Cpu);
        let mut weights = Weights::initial(&self.net.layout, self.seed, Device::Cpu);
        let mut optimizer = Sgd::new(SgdConfig { momentum: 0.9, weight_decay: 1e-4, nesterov: false });
        let statistics = Statistics::initial(&self.net.layout, Device::Cpu);
        for epoch in 0..EPOCHS {
            let rate = cosine(learning_rate, 0.0, epoch, EPOCHS);
            for step in 0..stream.steps() {
                let batch = stream.batch(epoch, step);
                let logits = self.net.logits(&weights, &statistics, &batch.images, Mode::EVALUATE);
                let gradient = weights.gradient(&logits.cross_entropy_for_logits(&batch.labels));
                no_grad(|| optimizer.step(&mut weights.flat, gradient, rate));
            }
        }
        weights
    }

    fn evaluate(&self, weights: &Weights, pixels: &models::data::Pixels, range: Range<usize>) -> Meter {
        let statistics = Statistics::initial(&self.net.layout, Device::Cpu);
        let subject = Subject { net: &self.net, weights, statistics: &statistics, mode: Mode::EVALUATE };
        evaluate(subject, pixels, &self.images.input, range)
    }
}
