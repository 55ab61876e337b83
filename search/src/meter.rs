//! Running sums of an epoch, part of a checkpoint so that an epoch can be interrupted.

use tch::Tensor;

use crate::figures::Figures;

/// Loss and accuracy over the images seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Meter {
    /// Sum of the losses, each times its images.
    pub loss: f64,
    /// Images classified correctly.
    pub correct: f64,
    /// Images seen.
    pub images: f64,
}

impl Meter {
    /// Adds a batch: its mean loss, its logits `[N, classes]`, its classes `[N]`.
    pub fn add(&mut self, loss: f64, logits: &Tensor, labels: &Tensor) {
        let correct = logits.argmax(-1, false).eq_tensor(labels).sum(tch::Kind::Int64).double_value(&[]);
        self.count(Figures { loss, norm: 0.0, correct, images: labels.size()[0] as f64 });
    }

    /// Adds a step.
    pub(crate) fn count(&mut self, step: Figures) {
        self.loss += step.loss * step.images;
        self.correct += step.correct;
        self.images += step.images;
    }

    /// Mean loss.
    #[must_use]
    pub fn mean_loss(&self) -> f64 {
        self.loss / self.images.max(1.0)
    }

    /// Share of images classified correctly, in `[0, 1]`.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.correct / self.images.max(1.0)
    }

    /// As a tensor for a checkpoint.
    #[must_use]
    pub fn to_tensor(self) -> Tensor {
        Tensor::from_slice(&[self.loss, self.correct, self.images])
    }

    /// Back from a checkpoint.
    #[must_use]
    pub fn from_tensor(tensor: &Tensor) -> Self {
        let at = |index: i64| tensor.double_value(&[index]);
        Self { loss: at(0), correct: at(1), images: at(2) }
    }
}
