//! What a method sees of a search's course, and what it decides after each epoch.

use serde_json::Value;

/// The lines that the search has written so far.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// Ends of epochs in `metrics.jsonl`: line `i` is written after `i + 1` epochs.
    pub metrics: &'a [Value],
    /// Ends of epochs in `alphas.jsonl`: line 0 is the start, line `i` is written after `i` epochs.
    pub alphas: &'a [Value],
    /// Weight decay of the weights at this time.
    pub weight_decay: f64,
}

/// What happens after an epoch.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The next epoch.
    GoOn,
    /// The search ends; its result is the genotype after this epoch, from 0.
    Stop {
        /// The epoch.
        epoch: usize,
        /// Why, for people.
        reason: String,
    },
    /// The search goes back to the state after this epoch, from 0, and goes on from there with another weight decay. It
    /// goes on as it is where that state is no longer kept: beyond what the method asked for, and before an earlier
    /// return.
    RollBack {
        /// The epoch.
        epoch: usize,
        /// Weight decay of the weights from then on.
        weight_decay: f64,
        /// Why, for people.
        reason: String,
    },
}
