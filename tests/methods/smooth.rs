//! The small DARTS supernet without kinks, in 64-bit floats: where its derivatives are, differences converge to them.
//!
//! rectifiers and maxima have gradients that jump. Of this supernet's many values some are always near a jump: with rectifiers and
//! maxima, differences agree with derivatives only for steps below 1e-7.

use models::layer::{Activation, Layer};
use models::network::Network;
use models::spaces::darts::Darts;
use search::data::{Batch, plain_batch};
use search::methods::{Pass, View};
use search::net::{Mode, Net, Shortcut, Shortcuts, Statistics, Weights};
use tch::{Device, Kind, Tensor, no_grad};

use crate::supernet::{BEGINNING, Subject, pictures, start_all, start_alphas, supernet};

/// The network with swish instead of rectifiers and averages instead of maxima; its weights lie where they lay.
pub(crate) fn smooth(network: &Network) -> Network {
    let mut network = network.clone();
    for node in &mut network.nodes {
        node.layer = match node.layer.clone() {
            Layer::Activation(_) => Layer::Activation(Activation::Swish),
            Layer::MaxPool(pool) => Layer::AvgPool(pool),
            other => other,
        };
    }
    network
}

/// The smooth supernet at the values of `Subject`.
pub(crate) struct Smooth {
    pub(crate) subject: Subject,
    /// Alphas `[ops]` of each row.
    pub(crate) alphas: Weights,
}

impl Smooth {
    pub(crate) fn new() -> Self {
        let mut subject = Subject::new(smooth(&supernet(false)));
        let layout = &subject.net.layout;
        subject.weights =
            Weights::from_flat(&layout.weights, &start_all(&layout.weights).to_kind(Kind::Double));
        let statistics = subject.statistics.flat.to_kind(Kind::Double);
        subject.statistics = Statistics::from_flat(layout, &statistics);
        Self { subject, alphas: rows(&start_alphas(7).to_kind(Kind::Double)) }
    }

    pub(crate) const fn weights(&self) -> &Weights {
        &self.subject.weights
    }

    /// The loss of a training pass with these weights and alphas.
    pub(crate) fn loss(&self, weights: &Weights, alphas: &Weights, batch: &Batch) -> Tensor {
        let Subject { net, statistics, method, .. } = &self.subject;
        let view = View { space: &Darts, tables: &net.network.tables, alphas: &alphas.views, extras: &[] };
        let pass = Pass::new(method.as_ref(), &view, BEGINNING);
        let mode = Mode { train: true, drop_path: 0.0, mixing: Some(&pass) };
        let logits = net.logits(weights, statistics, &batch.images.to_kind(Kind::Double), mode);
        // Not `cross_entropy_for_logits`, which goes through 32-bit floats.
        logits.log_softmax(-1, Kind::Double).nll_loss(&batch.labels)
    }

    /// The weights, moved by this times the direction.
    pub(crate) fn moved_weights(&self, direction: &Tensor, by: f64) -> Weights {
        let flat = no_grad(|| &self.weights().flat + direction * by);
        Weights::from_flat(&self.subject.net.layout.weights, &flat)
    }

    /// The alphas, moved by this times the direction.
    pub(crate) fn moved_alphas(&self, direction: &Tensor, by: f64) -> Weights {
        rows(&no_grad(|| &self.alphas.flat + direction * by))
    }
}

/// Rows of seven, leaves.
fn rows(flat: &Tensor) -> Weights {
    let row = |row: &Tensor| row.copy().set_requires_grad(true);
    Weights { flat: flat.copy(), views: flat.view([-1, 7]).unbind(0).iter().map(row).collect() }
}

/// The pictures that train the weights and those that train the alphas.
pub(crate) fn batches() -> [Batch; 2] {
    let images = pictures();
    [0..4, 4..8].map(|range| plain_batch(&images.train, &images.input, range, Device::Cpu))
}

/// How far one tensor is from another, relative to that.
pub(crate) fn distance(found: &Tensor, expected: &Tensor) -> f64 {
    ((found - expected).norm() / expected.norm()).double_value(&[])
}

/// A search's network made smooth.
pub(crate) fn smoothed(net: &Net) -> Net {
    // The places of its tensors stay, so nothing more may be shared.
    Net::with(smooth(&net.network), Shortcuts::without(&[Shortcut::Share]))
}
