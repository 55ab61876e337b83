//! SETN (Dong and Yang 2019): one-shot search with a template network that samples for itself.
//!
//! Weight steps train the path of one genotype of the space, drawn uniformly. Architecture steps weigh all candidates:
//! `ō(x) = Σ_k softmax(α)_k · o_k(x)` on a validation batch. At the end genotypes are drawn with the probabilities
//! `softmax(α)`, each is evaluated with the shared weights on one validation batch, and the best is the result.
//! Source: paper §3; `D-X-Y/AutoDL-Projects`: `SETN.py`, `search_model_setn.py` (modes `urs`, `joint`, `select`).

use models::genotype::Genotype;
use serde::{Deserialize, Serialize};

use super::sample::{path, uniform_path};
use super::selection::Rounds;
use super::{Entry, Method, Moment, Phase, View, Weighing, softmax};
use crate::architecture;
use crate::config::ensure;
use crate::finder::{self, Finder};

/// Settings of SETN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetnConfig {
    /// Genotypes that are evaluated at the end, at least 1.
    pub candidates: usize,
}

struct Setn(SetnConfig);

impl Method for Setn {
    /// Evaluations are those of the path of the probabilities: every other one was trained as a path too.
    fn mix(&self, view: &View<'_>, moment: Moment) -> Vec<Weighing> {
        match moment.phase {
            Phase::Weights => uniform_path(view),
            Phase::Alphas => view.alphas.iter().map(|alpha| Weighing::all(&softmax(alpha))).collect(),
            Phase::Evaluation => {
                let probabilities = architecture::probabilities(self, view, moment);
                path(view, &self.derive(view, &probabilities))
            }
        }
    }

    fn select(&self, finder: &Finder<'_>) -> Genotype {
        let View { space, tables, .. } = finder.view;
        Rounds { candidates: self.0.candidates, batches: 1, finalists: 1 }
            .best(finder, |nth| finder::sampled(space, tables, &finder.probabilities, &mut finder.draws(nth)))
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "setn",
    summary: "random paths for the weights, all candidates for the alphas; the best of many sampled genotypes is taken",
    source: "Dong and Yang 2019, One-Shot Neural Architecture Search via Self-Evaluated Template Network; AutoDL-Projects",
    settings: "",
    published: include_str!("../../presets/methods/setn.toml"),
    make: |config| {
        let candidates = config.setn.candidates;
        ensure(candidates > 0, "setn.candidates", candidates, "at least 1")?;
        Ok(Box::new(Setn(config.setn)))
    },
};
