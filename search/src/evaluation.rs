//! Loss and accuracy of a network on unchanged images.

use models::data::Pixels;
use models::input::InputSpec;
use tch::{Device, Tensor};

use crate::data::plain_batch;
use crate::meter::Meter;
use crate::net::{Mode, Net, Statistics, Weights};

/// Images per forward pass; a fixed number, so that results do not depend on settings.
pub(crate) const BATCH: usize = 100;

/// A network with weights and how it is run.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The network.
    pub net: &'a Net,
    /// Its weights.
    pub weights: &'a Weights,
    /// Its running statistics.
    pub statistics: &'a Statistics,
    /// How it is run.
    pub mode: Mode<'a>,
    /// Where it runs.
    pub device: Device,
}

/// Loss and accuracy on the images of this range of indices.
#[must_use]
pub fn evaluate(
    subject: Subject<'_>,
    pixels: &Pixels,
    input: &InputSpec,
    range: std::ops::Range<usize>,
) -> Meter {
    let mut meter = Meter::default();
    each_batch(subject, pixels, input, range, |logits, labels| {
        let loss = logits.cross_entropy_for_logits(labels).double_value(&[]);
        meter.add(loss, logits, labels);
    });
    meter
}

/// Logits `[N, classes]` of the images of this range of indices.
#[must_use]
pub fn predict(
    subject: Subject<'_>,
    pixels: &Pixels,
    input: &InputSpec,
    range: std::ops::Range<usize>,
) -> Tensor {
    let mut all = Vec::new();
    each_batch(subject, pixels, input, range, |logits, _| all.push(logits.shallow_clone()));
    Tensor::cat(&all, 0)
}

fn each_batch(
    subject: Subject<'_>,
    pixels: &Pixels,
    input: &InputSpec,
    range: std::ops::Range<usize>,
    mut visit: impl FnMut(&Tensor, &Tensor),
) {
    let _guard = tch::no_grad_guard();
    for start in range.clone().step_by(BATCH) {
        let batch = plain_batch(pixels, input, start..(start + BATCH).min(range.end), subject.device);
        let logits = subject.net.logits(subject.weights, subject.statistics, &batch.images, subject.mode);
        visit(&logits, &batch.labels);
    }
}
