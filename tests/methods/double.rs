//! The small DARTS supernet in 64-bit floats, so that gradients can be held against finite differences.

use std::cell::RefCell;
use std::collections::BTreeMap;

use models::layer::Mix;
use models::network::Table;
use models::spaces::darts::Darts;
use search::config::Config;
use search::methods::{self, Method, Moment, Pass, Phase, View};
use search::net::{Candidate, Mixing, Mode, Net, Statistics, Weights, flat_gradient};
use search::random::Seed;
use tch::{Device, Kind, Tensor};

use crate::supernet::{supernet, training_batch};

/// A supernet with alphas of 64-bit floats.
pub(crate) struct Double {
    pub(crate) net: Net,
    weights: Weights,
    statistics: Statistics,
    images: Tensor,
    labels: Tensor,
    /// `[ops]` of each row, leaves.
    pub(crate) alphas: Vec<Tensor>,
}

impl Double {
    /// Weights as a search starts from, alphas spread by about 1.
    pub(crate) fn new() -> Self {
        Self::of(supernet(false))
    }

    /// The same for another network.
    pub(crate) fn of(network: models::network::Network) -> Self {
        let net = Net::new(network);
        let double = |flat: &Tensor| flat.to_kind(Kind::Double);
        let weights = Weights::initial(&net.layout, Seed(3), Device::Cpu);
        let weights = Weights::from_flat(&net.layout.weights, &double(&weights.flat));
        let statistics = Statistics::initial(&net.layout, Device::Cpu);
        let statistics = Statistics::from_flat(&net.layout, &double(&statistics.flat));
        let batch = training_batch();
        let rows = net.network.tables.iter().flat_map(|table| &table.rows);
        let alphas = rows.enumerate().map(|(at, row)| spread(at, row.ops.len())).collect();
        Self { net, weights, statistics, images: double(&batch.images), labels: batch.labels, alphas }
    }

    /// What a method sees.
    pub(crate) fn view(&self) -> View<'_> {
        View { space: &Darts, tables: self.tables(), alphas: &self.alphas, extras: &[] }
    }

    pub(crate) fn tables(&self) -> &[Table] {
        &self.net.network.tables
    }

    /// The loss of a training pass that mixes so.
    pub(crate) fn loss(&self, mixing: &dyn Mixing) -> Tensor {
        let mode = Mode { train: true, drop_path: 0.0, mixing: Some(mixing) };
        let logits = self.net.logits(&self.weights, &self.statistics, &self.images, mode);
        // Not `cross_entropy_for_logits`, which goes through 32-bit floats.
        logits.log_softmax(-1, Kind::Double).nll_loss(&self.labels)
    }

    /// The gradient of a loss with respect to all alphas, flat.
    pub(crate) fn gradient(&self, loss: &Tensor) -> Tensor {
        flat_gradient(loss, &self.alphas)
    }

    /// Alphas that are these plus `step` times `direction` `[alphas]`; leaves.
    pub(crate) fn moved(&self, direction: &Tensor, step: f64) -> Vec<Tensor> {
        let mut start = 0;
        let row = |alpha: &Tensor| {
            let part = direction.narrow(0, start, alpha.numel() as i64);
            start += alpha.numel() as i64;
            (alpha.detach() + part * step).set_requires_grad(true)
        };
        self.alphas.iter().map(row).collect()
    }

    /// A fixed direction `[alphas]`, of norm 1.
    pub(crate) fn direction(&self) -> Tensor {
        let count: usize = self.alphas.iter().map(Tensor::numel).sum();
        let wave = (Tensor::arange(count as i64, (Kind::Double, Device::Cpu)) * 1.7).cos();
        &wave / wave.norm()
    }
}

fn spread(row: usize, ops: usize) -> Tensor {
    let wave = (Tensor::arange(ops as i64, (Kind::Double, Device::Cpu)) * 2.3 + row as f64).sin();
    wave.set_requires_grad(true)
}

/// The method with the settings of this preset of its own.
pub(crate) fn method(name: &str) -> Box<dyn Method> {
    methods::by_name(name, &config(name)).unwrap()
}

/// The published settings of a method in the DARTS space.
pub(crate) fn config(name: &str) -> Config {
    search::config::Layers::preset_for("paper", "darts", name).unwrap().resolve().unwrap()
}

pub(crate) const fn moment(phase: Phase) -> Moment {
    Moment { epoch: 3, epochs: 11, phase }
}

/// A pass that counts which candidates are evaluated.
pub(crate) struct Counted<'a> {
    pass: &'a Pass<'a>,
    evaluated: RefCell<BTreeMap<(usize, usize), Vec<String>>>,
}

impl<'a> Counted<'a> {
    pub(crate) fn new(pass: &'a Pass<'a>) -> Self {
        Self { pass, evaluated: RefCell::default() }
    }

    /// Names of the operations evaluated so far by (table, row), one for each cell in which they were.
    pub(crate) fn evaluated(self) -> BTreeMap<(usize, usize), Vec<String>> {
        self.evaluated.into_inner()
    }
}

impl Mixing for Counted<'_> {
    fn weight(&self, mix: &Mix, k: usize) -> Tensor {
        self.pass.weight(mix, k)
    }

    fn is_active(&self, mix: &Mix, k: usize) -> bool {
        self.pass.is_active(mix, k)
    }

    fn is_carried(&self, mix: &Mix) -> bool {
        self.pass.is_carried(mix)
    }

    fn touches(&self, _op: &str) -> bool {
        true
    }

    fn perturb(&self, candidate: Candidate<'_>, output: Tensor) -> Tensor {
        let Mix { table, row } = *candidate.mix;
        self.evaluated.borrow_mut().entry((table, row)).or_default().push(candidate.op.into());
        self.pass.perturb(candidate, output)
    }
}

/// How many different candidates each choice point evaluates in a training pass of this phase, and how many rows there are.
pub(crate) fn evaluated(subject: &Double, method: &dyn Method, phase: Phase) -> Vec<usize> {
    let pass = Pass::new(method, &subject.view(), moment(phase));
    let counted = Counted::new(&pass);
    let _ = subject.loss(&counted);
    let different = |ops: &Vec<String>| {
        let mut ops = ops.clone();
        ops.sort();
        ops.dedup();
        ops.len()
    };
    counted.evaluated().values().map(different).collect()
}

/// Asserts that two gradients are equal to this relative error.
#[track_caller]
pub(crate) fn assert_equal(found: &Tensor, expected: &Tensor, bound: f64) {
    let error = ((found - expected).norm() / expected.norm()).double_value(&[]);
    assert!(error < bound, "{error:e}: {found} instead of {expected}");
}

/// `softmax((log softmax(α) + g) / τ)` of each row, the noise drawn from this seed on as the methods draw it.
pub(crate) fn relaxed(alphas: &[Tensor], temperature: f64, seed: i64) -> Vec<Tensor> {
    tch::manual_seed(seed);
    let row = |alpha: &Tensor| {
        let noise = -alpha.detach().zeros_like().exponential_(1.0).log();
        let scores = (alpha - alpha.logsumexp(-1, true) + noise) / temperature;
        let powers = scores.exp();
        &powers / powers.sum(Kind::Double)
    };
    alphas.iter().map(row).collect()
}
