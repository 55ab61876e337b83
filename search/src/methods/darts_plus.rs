//! DARTS+ (Liang et al. 2019): DARTS that ends before skip connections take over. From the paper; no code was released.
//!
//! Criterion 1 (`skips`): the search ends with the first epoch whose derived normal cell has two or more skip connections.
//! Criterion 1* (`ranking`): it ends when the ranking of the alphas of the learnable operations, on every edge, has not
//! changed for ten epochs. The result is the genotype of that epoch.

use models::primitive::{NONE, SKIP_CONNECT};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Entry, Method};
use crate::config::ensure;
use crate::error::Error;
use crate::review::{History, Verdict};

/// Skip connections in the normal cell that end a search.
const SKIPS: u64 = 2;
/// Candidates without weights. A skip connection counts as one also where it halves the size.
const FIXED: [&str; 5] = [NONE, SKIP_CONNECT, "max_pool_3x3", "avg_pool_3x3", "noise"];

/// What ends a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// Two skip connections in the normal cell.
    Skips,
    /// A ranking of the learnable operations that stays.
    Ranking,
}

/// Settings of DARTS+.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DartsPlusConfig {
    /// What ends a search.
    pub criterion: Criterion,
    /// Epochs for which the ranking must have stayed, at least 1.
    pub patience: usize,
}

impl DartsPlusConfig {
    /// Refuses settings that mean nothing.
    ///
    /// # Errors
    /// When the patience is 0.
    fn check(&self) -> Result<(), Error> {
        ensure(self.patience > 0, "darts_plus.patience", self.patience, "at least 1 epoch")
    }
}

/// DARTS with an early stop.
struct DartsPlus {
    config: DartsPlusConfig,
}

impl Method for DartsPlus {
    fn reviews(&self) -> bool {
        true
    }

    fn review(&self, history: &History<'_>) -> Verdict {
        let reason = match self.config.criterion {
            Criterion::Skips => skips(history),
            Criterion::Ranking => self.ranking(history),
        };
        let Some(reason) = reason else { return Verdict::GoOn };
        Verdict::Stop { epoch: history.metrics.len().saturating_sub(1), reason }
    }
}

fn skips(history: &History<'_>) -> Option<String> {
    let skips = history.metrics.last()?["normal_skips"].as_u64()?;
    (skips >= SKIPS).then(|| format!("{skips} skip connections in the normal cell"))
}

impl DartsPlus {
    fn ranking(&self, history: &History<'_>) -> Option<String> {
        let patience = self.config.patience;
        // One line more than epochs: that from before the first of them.
        let start = history.alphas.len().checked_sub(patience + 1)?;
        let mut rankings = history.alphas[start..].iter().map(ranks);
        let first = rankings.next()?;
        let stays = rankings.all(|ranks| ranks == first);
        stays.then(|| format!("the ranking of the learnable operations has stayed for {patience} epochs"))
    }
}

/// By edge, the learnable operations from the highest alpha to the lowest.
fn ranks(line: &Value) -> Vec<Vec<&str>> {
    let mut edges = Vec::new();
    for (table, ops) in line["ops"].as_object().into_iter().flatten() {
        let rows = ops.as_array().into_iter().flatten();
        let alphas = line["alpha"][table].as_array().into_iter().flatten();
        edges.extend(rows.zip(alphas).map(|(ops, alphas)| ranked(ops, alphas)));
    }
    edges
}

fn ranked<'a>(ops: &'a Value, alphas: &Value) -> Vec<&'a str> {
    let ops = ops.as_array().into_iter().flatten().filter_map(Value::as_str);
    let alphas = alphas.as_array().into_iter().flatten().filter_map(Value::as_f64);
    let mut learnable: Vec<(&str, f64)> = ops.zip(alphas).filter(|(op, _)| !FIXED.contains(op)).collect();
    learnable.sort_by(|a, b| b.1.total_cmp(&a.1));
    learnable.into_iter().map(|(op, _)| op).collect()
}

pub(super) const ENTRY: Entry = Entry {
    name: "darts+",
    summary: "DARTS that stops at two skip connections, or when the operations' ranking stays",
    source: "Liang et al. 2019, DARTS+: Improved Differentiable Architecture Search with Early Stopping",
    settings: "",
    published: include_str!("../../presets/methods/darts_plus.toml"),
    make: |config| {
        config.darts_plus.check()?;
        Ok(Box::new(DartsPlus { config: config.darts_plus.clone() }))
    },
};
