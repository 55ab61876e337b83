//! Search methods: each is a few hooks, only its difference from DARTS, one file each.

mod darts;
mod darts_minus;
mod darts_plus;
mod drop_path;
mod dsnas;
mod fair_darts;
mod family;
mod gdas;
mod noise;
mod noisydarts;
mod p_darts;
mod pass;
mod pc_darts;
mod proxyless;
mod random;
mod robust;
mod rsps;
mod sample;
mod sdarts;
mod selection;
mod setn;
mod snas;
mod view;

pub use darts_plus::{Criterion, DartsPlusConfig};
pub use drop_path::DropPathConfig;
pub use fair_darts::FairDartsConfig;
pub use gdas::GdasConfig;
pub use noise::{Distribution, Form, Noise, Scale, Scope, UniformSigma};
pub use p_darts::PDartsConfig;
pub use pass::Pass;
pub use pc_darts::PcDartsConfig;
pub use proxyless::{Gates, ProxylessConfig};
pub use robust::RobustConfig;
pub use rsps::RspsConfig;
pub use sdarts::SdartsConfig;
pub use setn::SetnConfig;
pub use snas::SnasConfig;
pub use view::{Moment, Phase, Place, View, Weighing, softmax};

use models::genotype::Genotype;
use models::network::{Network, Table};
use tch::Tensor;

use crate::config::Config;
use crate::error::Error;
use crate::finder::Finder;
use crate::net::Candidate;
use crate::review::{History, Verdict};

/// An architecture parameter that a method has beside the alphas.
#[derive(Debug)]
pub struct Extra {
    /// Its name in checkpoints and reports.
    pub name: String,
    /// Its initial value.
    pub initial: Tensor,
}

/// The supernet of some epochs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Number of cells.
    pub cells: usize,
    /// Its choices: those of the space, or some of their operations.
    pub tables: Vec<Table>,
}

/// What a search trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Training {
    /// Weights and architecture parameters.
    Both,
    /// Weights alone; the architecture parameters stay as they were drawn.
    Weights,
    /// Nothing: the search has no epochs.
    Nothing,
}

/// Mixing weights as numbers: `[table][row][op]`.
pub type Numbers = Vec<Vec<Vec<f64>>>;

/// A search method. Every hook has DARTS as its default.
pub trait Method: Sync + Send {
    /// Parameters beside the alphas; trained with them, without weight decay.
    fn extras(&self, _tables: &[Table]) -> Vec<Extra> {
        Vec::new()
    }

    /// What is trained before [`Self::select`].
    fn trains(&self) -> Training {
        Training::Both
    }

    /// A rewrite of the supernet before anything is trained.
    ///
    /// # Errors
    /// When the method does not fit the space.
    fn prepare(&self, supernet: Network) -> Result<Network, Error> {
        Ok(supernet)
    }

    /// The supernet that this epoch begins with, where it is another than that of the epoch before: weights and
    /// architecture parameters start anew then. `now` and `view` are what was searched so far.
    fn restart(&self, _epoch: usize, _now: &Stage, _view: &View<'_>) -> Option<Stage> {
        None
    }

    /// The epoch within the current cycle of the learning rate, and the cycle's length.
    fn cycle(&self, epoch: usize, epochs: usize) -> [usize; 2] {
        [epoch, epochs]
    }

    /// The probabilities `[ops]` of a row: what is reported, and derived from. DARTS: softmax over the operations.
    fn probabilities(&self, place: &Place<'_>, _moment: Moment) -> Tensor {
        softmax(place.alpha)
    }

    /// How each row, table after table, mixes its candidates. DARTS: all of them, weighed by their probabilities.
    fn mix(&self, view: &View<'_>, moment: Moment) -> Vec<Weighing> {
        view.places().map(|place| Weighing::all(&self.probabilities(&place, moment))).collect()
    }

    /// The mixing of a weight step as it is trained with; `loss` gives the loss of the step's batch for other weights,
    /// without an update of any statistics.
    fn adversary<'m>(
        &'m self,
        _view: &View<'_>,
        _moment: Moment,
        pass: Pass<'m>,
        _loss: &dyn Fn(&Pass<'_>) -> Tensor,
    ) -> Pass<'m> {
        pass
    }

    /// Whether [`Self::perturb`] changes this operation's output at this moment; it is asked for no other.
    fn touches(&self, _op: &str, _moment: Moment) -> bool {
        false
    }

    /// What the output of a touched candidate becomes in a training pass. `NoisyDARTS`: noise on skip connections.
    fn perturb(
        &self,
        _candidate: Candidate<'_>,
        _extras: &[Tensor],
        _moment: Moment,
        output: Tensor,
    ) -> Tensor {
        output
    }

    /// What is added to the loss of an architecture step; a scalar.
    fn penalty(&self, _view: &View<'_>, _moment: Moment) -> Option<Tensor> {
        None
    }

    /// Changes architecture parameters after their step; `before` are the alphas before it, `pass` the mixing that gave
    /// the gradient. Runs without gradients.
    fn settle(&self, _view: &View<'_>, _before: &[Tensor], _pass: &Pass<'_>) {}

    /// Whether [`Self::review`] is asked after each epoch, for which the search's course is read.
    fn reviews(&self) -> bool {
        false
    }

    /// Whether the search goes on after an epoch.
    fn review(&self, _history: &History<'_>) -> Verdict {
        Verdict::GoOn
    }

    /// The probability that an image is cut out where the augmentation does so.
    fn cutout_share(&self, _moment: Moment) -> f64 {
        1.0
    }

    /// Whether [`Self::review`] wants the largest eigenvalue of the Hessian after this epoch.
    fn wants_eigenvalue(&self, _epoch: usize) -> bool {
        false
    }

    /// How many epochs [`Self::review`] may go back; of epochs after which it wants no eigenvalue, no state is kept.
    fn goes_back(&self) -> usize {
        0
    }

    /// The genotype of these probabilities.
    fn derive(&self, view: &View<'_>, probabilities: &Numbers) -> Genotype {
        view.space.derive(view.tables, probabilities)
    }

    /// The result of a search that has ended: the genotype of the probabilities, or one chosen by evaluating several.
    fn select(&self, finder: &Finder<'_>) -> Genotype {
        finder.derived()
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
    /// Settings that make it what it is, in every preset; TOML.
    pub settings: &'static str,
    /// Settings as published, for the preset `paper`; TOML, each with its source.
    pub published: &'static str,
    make: fn(&Config) -> Result<Box<dyn Method>, Error>,
}

/// Every method.
pub const METHODS: &[Entry] = &[
    darts::ENTRY,
    darts::SECOND_ORDER,
    noisydarts::ENTRY,
    drop_path::ENTRY,
    fair_darts::ENTRY,
    darts_minus::ENTRY,
    darts_plus::ENTRY,
    pc_darts::ENTRY,
    p_darts::ENTRY,
    gdas::ENTRY,
    rsps::ENTRY,
    random::ENTRY,
    setn::ENTRY,
    proxyless::ENTRY,
    snas::ENTRY,
    dsnas::ENTRY,
    robust::EARLY_STOP,
    robust::ADAPTIVE,
    robust::L2,
    robust::DROP_PATH,
    sdarts::RANDOM,
    sdarts::ADVERSARIAL,
];

/// The method's entry.
///
/// # Errors
/// When there is none of this name (suggests the nearest).
pub fn entry(name: &str) -> Result<&'static Entry, Error> {
    let known: Vec<&str> = METHODS.iter().map(|entry| entry.name).collect();
    let entry = METHODS.iter().find(|entry| entry.name == name);
    Ok(entry.ok_or_else(|| models::error::Error::unknown("method", name, &known))?)
}

/// The method of this name, configured.
///
/// # Errors
/// When there is none (suggests the nearest), or its settings contradict each other.
pub fn by_name(name: &str, config: &Config) -> Result<Box<dyn Method>, Error> {
    (entry(name)?.make)(config)
}
