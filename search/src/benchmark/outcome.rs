//! What one cell of a benchmark came to: one method, one seed.

use std::collections::BTreeMap;
use std::path::Path;

use models::files::write_atomic;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The one version of the file so far.
const SCHEMA: u32 = 1;

/// The result of one search, and of the training or the look-up behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Version of the file.
    pub schema: u32,
    /// The benchmark.
    pub benchmark: String,
    /// The method's label.
    pub label: String,
    /// The seed.
    pub seed: u64,
    /// Where the images come from.
    pub data: String,
    /// What was found, in its field's text form.
    pub genotype: String,
    /// Skip connections of the normal cell.
    pub skips: usize,
    /// Seconds of the search's epochs.
    pub search_seconds: f64,
    /// What training the found network came to.
    pub trained: Option<Trained>,
    /// Accuracies of the found cell in the benchmark table, in %, by column.
    pub looked_up: BTreeMap<String, f64>,
}

/// The result of a training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// Parameters of the network that is shipped.
    pub parameters: u64,
    /// Its multiply-adds in convolutions and linear layers.
    pub macs: u64,
    /// Top-1 on the test images after the last epoch, in %.
    pub last: f64,
    /// The largest after any epoch, in %: chosen by test accuracy.
    pub best: f64,
    /// The epoch of the largest, from 1.
    pub best_epoch: usize,
    /// Seconds of the training's epochs.
    pub seconds: f64,
}

impl Outcome {
    /// An outcome before anything was trained or looked up.
    #[must_use]
    pub fn new(benchmark: &str, label: &str, seed: u64, data: &str) -> Self {
        Self {
            schema: SCHEMA,
            benchmark: benchmark.into(),
            label: label.into(),
            seed,
            data: data.into(),
            genotype: String::new(),
            skips: 0,
            search_seconds: 0.0,
            trained: None,
            looked_up: BTreeMap::new(),
        }
    }

    /// Reads a file, where there is one.
    ///
    /// # Errors
    /// When it cannot be read or is no outcome.
    pub fn read(path: &Path) -> Result<Option<Self>, Error> {
        if !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(path).map_err(|source| Error::io("read", path, source))?;
        let broken = |problem: String| Error::Broken { what: "result", path: path.into(), problem };
        let outcome: Self = serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?;
        if outcome.schema != SCHEMA {
            return Err(broken(format!("schema {}, expected {SCHEMA}", outcome.schema)));
        }
        Ok(Some(outcome))
    }

    /// Writes it whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(self).unwrap_or_default() + "\n";
        write_atomic(path, text.as_bytes()).map_err(|source| Error::io("write", path, source))
    }
}
