//! Search methods: each is a few hooks, only its difference from DARTS, one file each.

mod darts;
mod noise;
mod noisydarts;

pub use noise::{Distribution, Form, Noise, Scale, Scope, UniformSigma};

use models::layer::Mix;
use models::network::Network;
use tch::{Kind, Tensor};

use crate::config::Config;
use crate::error::Error;
use crate::net::{Candidate, Mixing};

/// An architecture parameter that a method has beside the alphas.
#[derive(Debug)]
pub struct Extra {
    /// Its name in checkpoints and reports.
    pub name: String,
    /// Its initial value.
    pub initial: Tensor,
}

/// Where a search stands.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The epoch, from 0.
    pub epoch: usize,
}

/// The architecture parameters of a pass: one alpha table `[rows, ops]` per kind of cell, and the extras.
#[derive(Clone, Copy, Debug)]
pub struct Architecture<'a> {
    /// Alphas, one tensor per table.
    pub alphas: &'a [Tensor],
    /// What the method has beside them, in the order of [`Method::extras`].
    pub extras: &'a [Tensor],
}

/// A search method. Every hook has DARTS as its default.
pub trait Method: Sync + Send {
    /// Parameters beside the alphas; trained with them, without weight decay.
    fn extras(&self, _supernet: &Network) -> Vec<Extra> {
        Vec::new()
    }

    /// Alphas `[rows, ops]` to mixing weights of the same shape. DARTS: softmax over the operations.
    fn mix(&self, alpha: &Tensor) -> Tensor {
        alpha.softmax(-1, None::<Kind>)
    }

    /// What a candidate's output becomes while searching. `NoisyDARTS`: noise on skip connections.
    fn perturb(
        &self,
        _candidate: Candidate<'_>,
        _extras: &[Tensor],
        _progress: Progress,
        output: Tensor,
    ) -> Tensor {
        output
    }
}

/// A method in the list of methods.
pub struct Entry {
    /// Its name on command lines.
    pub name: &'static str,
    /// One line on what it does.
    pub summary: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    make: fn(&Config) -> Result<Box<dyn Method>, Error>,
}

/// Every method.
pub const METHODS: &[Entry] = &[darts::ENTRY, noisydarts::ENTRY];

/// The method of this name, configured.
///
/// # Errors
/// When there is none (suggests the nearest), or its settings contradict each other.
pub fn by_name(name: &str, config: &Config) -> Result<Box<dyn Method>, Error> {
    let known: Vec<&str> = METHODS.iter().map(|entry| entry.name).collect();
    let entry = METHODS.iter().find(|entry| entry.name == name);
    let entry = entry.ok_or_else(|| models::error::Error::unknown("method", name, &known))?;
    (entry.make)(config)
}

/// A method at work in one pass: its mixing weights computed, its place in the search known.
pub struct Pass<'a> {
    method: &'a dyn Method,
    extras: &'a [Tensor],
    progress: Progress,
    // One scalar per table, row and operation.
    weights: Vec<Vec<Vec<Tensor>>>,
}

impl<'a> Pass<'a> {
    /// Computes the mixing weights of these architecture parameters.
    #[must_use]
    pub fn new(method: &'a dyn Method, architecture: Architecture<'a>, progress: Progress) -> Self {
        let scalars = |row: Tensor| row.unbind(0);
        let weights = architecture
            .alphas
            .iter()
            .map(|alpha| method.mix(alpha).unbind(0).into_iter().map(scalars).collect());
        Self { method, extras: architecture.extras, progress, weights: weights.collect() }
    }
}

impl Mixing for Pass<'_> {
    fn weight(&self, mix: &Mix, k: usize) -> Tensor {
        self.weights[mix.table][mix.row][k].shallow_clone()
    }

    fn perturb(&self, candidate: Candidate<'_>, output: Tensor) -> Tensor {
        if candidate.train {
            self.method.perturb(candidate, self.extras, self.progress, output)
        } else {
            output
        }
    }
}
