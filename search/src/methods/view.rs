//! What methods see of a search: where it stands, and its architecture parameters.

use models::network::{Row, Table};
use models::spaces::SearchSpace;
use tch::{Kind, Tensor};

/// What a pass is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A step of the weights.
    Weights,
    /// A step of the architecture parameters.
    Alphas,
    /// An evaluation.
    Evaluation,
}

/// Where a search stands.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The epoch, from 0.
    pub epoch: usize,
    /// Number of epochs.
    pub epochs: usize,
    /// What the pass is for.
    pub phase: Phase,
}

impl Moment {
    /// The share of the epochs that is done, in `[0, 1)`.
    #[must_use]
    pub fn progress(&self) -> f64 {
        self.epoch as f64 / self.epochs.max(1) as f64
    }

    /// From 0 in the first epoch to 1 in the last.
    #[must_use]
    pub fn ramp(&self) -> f64 {
        self.epoch as f64 / self.epochs.saturating_sub(1).max(1) as f64
    }
}

/// The space, its choices and their architecture parameters.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The search space.
    pub space: &'static dyn SearchSpace,
    /// The choices of the supernet.
    pub tables: &'a [Table],
    /// Alphas `[ops]` of each row, table after table.
    pub alphas: &'a [Tensor],
    /// What the method has beside them, in the order of [`super::Method::extras`].
    pub extras: &'a [Tensor],
}

/// One row of a table with its alphas.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The table's index.
    pub table: usize,
    /// The row's index in it.
    pub row: usize,
    /// The table's name: `normal`, `reduce`, …
    pub kind: &'a str,
    /// The edge, `node_predecessor`.
    pub edge: &'a str,
    /// Its candidate operations.
    pub ops: &'a [String],
    /// Their architecture parameters `[ops]`.
    pub alpha: &'a Tensor,
}

impl<'a> View<'a> {
    /// Every row of every table.
    pub fn places(&self) -> impl Iterator<Item = Place<'a>> + use<'a> {
        let rows = self.tables.iter().enumerate().flat_map(|(at, table)| {
            table.rows.iter().enumerate().map(move |(row, choices)| (at, table, row, choices))
        });
        rows.zip(self.alphas).map(|((table, named, row, Row { edge, ops }), alpha)| Place {
            table,
            row,
            kind: &named.name,
            edge,
            ops,
            alpha,
        })
    }
}

/// What a choice point does with its candidates.
#[derive(Debug)]
pub struct Weighing {
    /// The weight of each candidate, a scalar.
    pub weights: Vec<Tensor>,
    /// Which candidates are evaluated; where none is, the choice point gives zeros.
    pub active: Vec<bool>,
    /// Whether the weights of the others are added to the sum as they are, so that they get gradients (GDAS).
    pub carried: bool,
}

impl Weighing {
    /// All candidates, with these weights `[ops]`.
    #[must_use]
    pub fn all(weights: &Tensor) -> Self {
        let weights = weights.unbind(0);
        Self { active: vec![true; weights.len()], weights, carried: false }
    }

    /// Candidate `k` alone, with this weight.
    #[must_use]
    pub fn one(k: usize, count: usize, weight: &Tensor) -> Self {
        let weights = (0..count).map(|_| weight.shallow_clone()).collect();
        Self { weights, active: (0..count).map(|at| at == k).collect(), carried: false }
    }

    /// The candidates whose numbers are above zero, with weight 1: a network of one choice per choice point, or none.
    #[must_use]
    pub fn chosen(row: &[f64], like: &Tensor) -> Self {
        let one = Tensor::ones([], (Kind::Float, like.device()));
        Self {
            weights: row.iter().map(|_| one.shallow_clone()).collect(),
            active: row.iter().map(|&weight| weight > 0.0).collect(),
            carried: false,
        }
    }

    /// The weights as one tensor `[ops]`, zero where a candidate is not evaluated.
    #[must_use]
    pub fn stacked(&self) -> Tensor {
        let zero = |weight: &Tensor| weight.zeros_like();
        let each = self.weights.iter().zip(&self.active);
        let parts: Vec<Tensor> =
            each.map(|(weight, &on)| if on { weight.shallow_clone() } else { zero(weight) }).collect();
        Tensor::stack(&parts, 0)
    }
}

/// A softmax over the operations of a row.
#[must_use]
pub fn softmax(alpha: &Tensor) -> Tensor {
    alpha.softmax(-1, None::<Kind>)
}
