//! A method at work in one pass.

use models::layer::Mix;
use tch::Tensor;

use super::{Method, Moment, View, Weighing};
use crate::net::{Candidate, Mixing};

/// The mixing weights of one pass, and what the method does to candidates.
pub struct Pass<'a> {
    method: &'a dyn Method,
    extras: Vec<Tensor>,
    moment: Moment,
    /// By table and row.
    pub weighings: Vec<Vec<Weighing>>,
}

impl<'a> Pass<'a> {
    /// As the method mixes at this moment. Methods that sample draw from libtorch's generator here.
    #[must_use]
    pub fn new(method: &'a dyn Method, view: &View<'_>, moment: Moment) -> Self {
        Self::with(method, view, moment, method.mix(view, moment))
    }

    /// With these mixing weights, by row, table after table.
    #[must_use]
    pub fn with(method: &'a dyn Method, view: &View<'_>, moment: Moment, rows: Vec<Weighing>) -> Self {
        let mut rows = rows.into_iter();
        let weighings = view.tables.iter().map(|table| rows.by_ref().take(table.rows.len()).collect());
        let extras = view.extras.iter().map(Tensor::shallow_clone).collect();
        Self { method, extras, moment, weighings: weighings.collect() }
    }

    /// Every row, table after table.
    pub fn rows(&self) -> impl Iterator<Item = &Weighing> {
        self.weighings.iter().flatten()
    }
}

impl Mixing for Pass<'_> {
    fn weight(&self, mix: &Mix, k: usize) -> Tensor {
        self.weighings[mix.table][mix.row].weights[k].shallow_clone()
    }

    fn is_active(&self, mix: &Mix, k: usize) -> bool {
        self.weighings[mix.table][mix.row].active[k]
    }

    fn is_carried(&self, mix: &Mix) -> bool {
        self.weighings[mix.table][mix.row].carried
    }

    fn touches(&self, op: &str) -> bool {
        self.method.touches(op, self.moment)
    }

    fn perturb(&self, candidate: Candidate<'_>, output: Tensor) -> Tensor {
        self.method.perturb(candidate, &self.extras, self.moment, output)
    }
}
