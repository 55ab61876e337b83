//! A search's supernet at other architecture parameters than its own, the weights fixed, in evaluation mode.

use std::ops::Range;

use tch::{Device, Kind, Tensor, no_grad};

use super::Search;
use crate::data::plain_batch;
use crate::diagnostics::landscape::{Normalise, Plane, Span};
use crate::error::Error;
use crate::evaluation::{BATCH, evaluate};
use crate::meter::Meter;
use crate::methods::{Pass, View};
use crate::net::{Mode, Subject, flat_gradient};
use crate::random::Purpose;

impl Search<'_> {
    /// Loss and accuracy on the first of the validation images, all where `images` is 0, at these alphas `[n]`, those of
    /// all rows one behind the other.
    #[must_use]
    pub fn evaluate_at(&self, alphas: &Tensor, images: usize) -> Meter {
        let sizes = self.architecture.alphas.views.iter().map(|row| row.numel() as i64);
        let rows = alphas.to_device(self.device).split_with_sizes(sizes.collect::<Vec<i64>>(), 0);
        self.evaluate_view(&View { alphas: &rows, ..self.view() }, self.valid_range(images))
    }

    /// Loss and accuracy on these of the training images.
    pub(super) fn evaluate_view(&self, view: &View<'_>, range: Range<usize>) -> Meter {
        let pass = no_grad(|| Pass::new(self.method.as_ref(), view, self.now()));
        let mode = Mode { mixing: Some(&pass), ..Mode::EVALUATE };
        let (net, weights, statistics) = (&self.net, &self.weights, &self.statistics);
        evaluate(Subject { net, weights, statistics, mode }, &self.images.train, &self.images.input, range)
    }

    /// The first of the validation images, all where `images` is 0.
    pub(super) fn valid_range(&self, images: usize) -> Range<usize> {
        let all = self.valid_images();
        let count = if images == 0 { all.len() } else { images.min(all.len()) };
        all.start..all.start + count
    }

    /// The plane through the alphas that a landscape is over, on the CPU; `images` are those of the gradient, as for
    /// [`Self::evaluate_at`].
    ///
    /// # Errors
    /// When a direction leads nowhere.
    pub fn plane(&self, span: Span, normalise: Normalise, images: usize) -> Result<Plane, Error> {
        let centre = self.alphas();
        self.seed.seed_torch(Purpose::Landscape, 0);
        let draw = || Tensor::randn([centre.numel() as i64], (Kind::Float, Device::Cpu));
        let second = draw();
        let first = match span {
            Span::Random => draw(),
            Span::Gradient => self.validation_gradient(images)?.to_device(Device::Cpu),
        };
        let plane = Plane::new(&centre, [&first, &second], &self.tables(), normalise);
        if !plane.is_spanned() {
            let expected = "none: all alphas are 0, and so would be directions of their length";
            return Err(Error::Setting { key: "--normalise", found: "table".into(), expected });
        }
        Ok(plane)
    }

    /// The alphas `[n]` of all rows, one behind the other, on the CPU.
    #[must_use]
    pub fn alphas(&self) -> Tensor {
        self.architecture.alphas.flat.detach().to_device(Device::Cpu).copy()
    }

    /// Where the alphas of each table lie.
    fn tables(&self) -> Vec<Range<i64>> {
        let mut end = 0;
        let tables = self.net.network.tables.iter().map(|table| {
            let start = end;
            end += table.rows.iter().map(|row| row.ops.len() as i64).sum::<i64>();
            start..end
        });
        tables.collect()
    }

    /// The gradient of the mean validation loss with respect to the alphas `[n]`.
    fn validation_gradient(&self, images: usize) -> Result<Tensor, Error> {
        let range = self.valid_range(images);
        let alphas = &self.architecture.alphas;
        let mut sum = alphas.flat.zeros_like();
        for start in range.clone().step_by(BATCH) {
            let end = (start + BATCH).min(range.end);
            let batch = plain_batch(&self.images.train, &self.images.input, start..end, self.device);
            let pass = Pass::new(self.method.as_ref(), &self.view(), self.now());
            let (loss, _) = self.loss_with(&self.weights, &self.statistics, &pass, &batch, false);
            sum += flat_gradient(&loss, &alphas.views) * (end - start) as f64;
        }
        if sum.norm().double_value(&[]) > 0.0 {
            return Ok(sum / range.len() as f64);
        }
        // Methods that evaluate the strongest candidates alone have steps instead of slopes.
        let expected = "random: the validation loss of this method has no gradient with respect to alpha";
        Err(Error::Setting { key: "--directions", found: "gradient".into(), expected })
    }
}
