//! Loss and accuracy of a network on unchanged images.

use models::data::Pixels;
use models::input::InputSpec;
use tch::Tensor;

use crate::data::plain_batch;
use crate::meter::Meter;
use crate::net::Subject;

/// Images per forward pass; a fixed number, so that results do not depend on settings.
pub(crate) const BATCH: usize = 100;

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
    let device = subject.weights.flat.device();
    for start in range.clone().step_by(BATCH) {
        let batch = plain_batch(pixels, input, start..(start + BATCH).min(range.end), device);
        let logits = subject.net.logits(subject.weights, subject.statistics, &batch.images, subject.mode);
        visit(&logits, &batch.labels);
    }
}
