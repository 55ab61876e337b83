//! Random search with weight sharing (Li and Talwalkar 2019; RSPS in NAS-Bench-201).
//!
//! Each weight step trains the path of one genotype of the space, drawn uniformly:
//! `w ← w − η ∇_w L_t(w; a)`, `a ~ U(space)`. There are no architecture parameters to train. At the end random genotypes
//! are evaluated with the shared weights on a few validation batches each, the best of them on the whole validation set,
//! and the best is the result. Source: paper §3.1; `liamcli/randomNAS_release`, `D-X-Y/AutoDL-Projects`: `RANDOM-NAS.py`.

use models::genotype::Genotype;
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::sample::uniform_path;
use super::selection::Rounds;
use super::{Entry, Method, Moment, Numbers, Place, Training, View, Weighing};
use crate::architecture::by_table;
use crate::config::ensure;
use crate::error::Error;
use crate::finder::{self, Finder};

/// Settings of random search with weight sharing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RspsConfig {
    /// Genotypes that are evaluated at the end, at least 1.
    pub candidates: usize,
    /// Validation batches each of them is evaluated on, at least 1.
    pub batches: usize,
    /// How many of the best are evaluated on the whole validation set, at least 1; with 1 the first round decides.
    pub finalists: usize,
}

impl RspsConfig {
    /// Refuses numbers that choose nothing.
    ///
    /// # Errors
    /// Names the key.
    fn check(&self) -> Result<(), Error> {
        let keys = ["rsps.candidates", "rsps.batches", "rsps.finalists"];
        for (key, value) in keys.into_iter().zip([self.candidates, self.batches, self.finalists]) {
            ensure(value > 0, key, value, "at least 1")?;
        }
        Ok(())
    }
}

struct Rsps(RspsConfig);

impl Method for Rsps {
    fn trains(&self) -> Training {
        Training::Weights
    }

    /// Those that paths are drawn with: all the same.
    fn probabilities(&self, place: &Place<'_>, _moment: Moment) -> Tensor {
        (place.alpha.detach().ones_like() / place.ops.len() as f64).to_kind(Kind::Double)
    }

    /// Evaluations are those of a random path too, one for all batches.
    fn mix(&self, view: &View<'_>, _moment: Moment) -> Vec<Weighing> {
        uniform_path(view)
    }

    /// Before the selection nothing is known: a genotype drawn once, by the alphas as they were initialised.
    fn derive(&self, view: &View<'_>, _probabilities: &Numbers) -> Genotype {
        view.space.derive(view.tables, &by_table(view, view.alphas))
    }

    fn select(&self, finder: &Finder<'_>) -> Genotype {
        let RspsConfig { candidates, batches, finalists } = self.0;
        let View { space, tables, .. } = finder.view;
        Rounds { candidates, batches, finalists }.best(finder, |nth| {
            let mut draws = finder.draws(nth);
            finder::uniform(space, tables, &mut || draws.unit())
        })
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "rsps",
    summary: "random search with weight sharing: random paths are trained, the best of many random genotypes is taken",
    source: "Li and Talwalkar 2019, Random Search and Reproducibility for NAS; randomNAS_release, AutoDL-Projects",
    settings: "",
    published: include_str!("../../presets/methods/rsps.toml"),
    make: |config| {
        config.rsps.check()?;
        Ok(Box::new(Rsps(config.rsps)))
    },
};
