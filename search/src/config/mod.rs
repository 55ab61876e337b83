//! Settings: what each is, and where a run's values come from.
//!
//! Flags override `--set`, which overrides `--config`, which overrides the preset. Every value with its source
//! stands in `presets/paper.toml`.

mod layers;
mod presets;

pub use layers::{Assignment, Layers};
pub use presets::{PRESETS, Preset};

use models::input::InputSpec;
use models::spaces::SpaceOptions;
use models::spaces::skeleton::{Skeleton, Stem};
use serde::{Deserialize, Serialize};

use crate::cost::CostConfig;
use crate::error::Error;
use crate::methods::{
    DartsPlusConfig, DropPathConfig, FairDartsConfig, GdasConfig, Noise, PDartsConfig, PcDartsConfig,
    ProxylessConfig, RobustConfig, RspsConfig, SdartsConfig, SetnConfig, SnasConfig,
};
use crate::net::{Compute, Memory, Shortcuts};
use crate::precision::Precision;

/// All settings of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Root of all random draws.
    pub seed: u64,
    /// Threads of libtorch; 0 for as many as there are cores. Results depend on it in the last bits.
    pub threads: usize,
    /// What passes of training steps keep.
    #[serde(default)]
    pub memory: Memory,
    /// How precisely they compute.
    #[serde(default)]
    pub precision: Precision,
    /// What makes passes faster: everything, but in measurements of what each brings.
    #[serde(skip)]
    pub shortcuts: Shortcuts,
    /// Search space.
    pub space: String,
    /// Search method.
    pub method: String,
    /// What to search and train on.
    pub data: DataConfig,
    /// Options of the DARTS space.
    pub darts: DartsConfig,
    /// The search.
    pub search: SearchConfig,
    /// The expected cost in the architecture's loss.
    pub cost: CostConfig,
    /// Early stops and the Hessian's eigenvalue.
    pub diagnostics: DiagnosticsConfig,
    /// `NoisyDARTS`'s noise.
    pub noise: Noise,
    /// The `DropPath` baseline.
    pub drop_path: DropPathConfig,
    /// `FairDARTS`.
    pub fair_darts: FairDartsConfig,
    /// DARTS+.
    pub darts_plus: DartsPlusConfig,
    /// GDAS.
    pub gdas: GdasConfig,
    /// PC-DARTS.
    pub pc_darts: PcDartsConfig,
    /// P-DARTS.
    pub p_darts: PDartsConfig,
    /// Random search with weight sharing.
    pub rsps: RspsConfig,
    /// `RobustDARTS`'s regularisation.
    pub robust: RobustConfig,
    /// SDARTS's perturbations.
    pub sdarts: SdartsConfig,
    /// SETN.
    pub setn: SetnConfig,
    /// `ProxylessNAS`.
    pub proxyless: ProxylessConfig,
    /// SNAS.
    pub snas: SnasConfig,
    /// Retraining.
    pub retrain: RetrainConfig,
    /// Checkpoints.
    pub checkpoint: CheckpointConfig,
    /// Lines of metrics.
    pub report: ReportConfig,
}

/// What to search and train on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// `embedded`, `cifar10:DIR`, …
    pub source: String,
    /// `native`, or `HEIGHTxWIDTH` in pixels: pictures are padded to a larger size, and resized to a smaller one.
    pub size: String,
    /// Training images to use, class-balanced; 0 for all.
    pub train_images: usize,
    /// Test images to use, class-balanced; 0 for all.
    pub test_images: usize,
    /// Share of the training images that trains the architecture parameters, in (0, 1).
    pub valid_portion: f64,
}

/// Options of the DARTS space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DartsConfig {
    /// Whether the zero operation is a candidate.
    pub none: bool,
}

/// The search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches, each a key of its own")]
pub struct SearchConfig {
    /// Channels of the supernet's first cell.
    pub channels: usize,
    /// Cells of the supernet.
    pub cells: usize,
    /// Epochs.
    pub epochs: usize,
    /// Images per step, of each half.
    pub batch: usize,
    /// Learning rate of the weights in the first epoch.
    pub learning_rate: f64,
    /// Learning rate the cosine schedule ends at.
    pub learning_rate_min: f64,
    /// Momentum of the weights.
    pub momentum: f64,
    /// Weight decay of the weights.
    pub weight_decay: f64,
    /// Largest norm of the weights' gradient; 0 for any.
    pub clip: f64,
    /// Whether momentum is Nesterov's.
    pub nesterov: bool,
    /// Whether the weights step before the architecture does.
    pub weights_first: bool,
    /// Whether the architecture's gradient is of second order, through one step of the weights.
    pub second_order: bool,
    /// Whether architecture and weights step together, on training images alone.
    pub single_level: bool,
    /// Epoch of the first architecture step.
    pub alpha_start: usize,
    /// Steps of the weights per step of the architecture.
    pub alpha_every: usize,
    /// Largest norm of the architecture's gradient; 0 for any.
    pub alpha_clip: f64,
    /// Mean of the initial architecture parameters.
    pub alpha_mean: f64,
    /// Standard deviation of the initial architecture parameters.
    pub alpha_init: f64,
    /// Adam's learning rate of the architecture parameters.
    pub alpha_learning_rate: f64,
    /// Adam's decay rates.
    pub alpha_betas: [f64; 2],
    /// Weight decay of the architecture parameters.
    pub alpha_weight_decay: f64,
    /// Augmentation of both halves.
    pub augment: AugmentConfig,
}

/// Early stops and the Hessian's eigenvalue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiagnosticsConfig {
    /// Epochs between two computations of the largest eigenvalue of the Hessian of the validation loss with respect to
    /// alpha; 0 for none.
    pub eigenvalue_every: usize,
}

/// Random changes of training images, in this order: crop, flip, normalise, cutout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AugmentConfig {
    /// Black pixels added on all sides before a random crop to the old size.
    pub crop_padding: usize,
    /// Whether to mirror half of the images.
    pub flip: bool,
    /// Side of a square of zeros at a random place after normalisation; 0 for none.
    pub cutout: usize,
}

/// Retraining.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetrainConfig {
    /// `cifar` or `imagenet`.
    pub skeleton: Stem,
    /// Channels of the first cell.
    pub channels: usize,
    /// Cells.
    pub cells: usize,
    /// Epochs.
    pub epochs: usize,
    /// Images per step.
    pub batch: usize,
    /// Learning rate in the first epoch.
    pub learning_rate: f64,
    /// Learning rate the cosine schedule ends at.
    pub learning_rate_min: f64,
    /// Momentum.
    pub momentum: f64,
    /// Whether momentum is Nesterov's.
    pub nesterov: bool,
    /// Weight decay.
    pub weight_decay: f64,
    /// Largest norm of the gradient; 0 for any.
    pub clip: f64,
    /// Weight of the auxiliary loss; 0 for no auxiliary head.
    pub auxiliary_weight: f64,
    /// Drop-path probability that the linear ramp `drop_path · epoch / epochs` heads for.
    pub drop_path: f64,
    /// Label smoothing.
    pub label_smoothing: f64,
    /// Decay per step of the moving average of the weights; 0 for none.
    pub ema: f64,
    /// Epochs between evaluations on the test images; the last epoch always is one.
    pub evaluate_every: usize,
    /// Augmentation.
    pub augment: AugmentConfig,
}

/// Checkpoints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckpointConfig {
    /// Steps between checkpoints within an epoch.
    pub every_steps: usize,
}

/// Lines of `metrics.jsonl` and `alphas.jsonl` beside those at the end of every epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportConfig {
    /// Steps between lines within an epoch.
    pub every_steps: usize,
}

impl Config {
    /// How steps are computed.
    #[must_use]
    pub const fn compute(&self) -> Compute {
        Compute { memory: self.memory, precision: self.precision }
    }

    /// The preset's settings, as a start for tests and callers from code.
    ///
    /// # Errors
    /// When there is no such preset.
    pub fn preset(name: &str) -> Result<Self, Error> {
        Layers::preset(name)?.resolve()
    }

    /// The space's options.
    #[must_use]
    pub const fn space_options(&self) -> SpaceOptions {
        SpaceOptions { none: self.darts.none }
    }

    /// The size of the supernet for this many classes and this input.
    #[must_use]
    pub const fn supernet_skeleton(&self, classes: usize, input: &InputSpec) -> Skeleton {
        let SearchConfig { channels, cells, .. } = self.search;
        Skeleton { stem: Stem::Cifar, channels, cells, classes, size: input.size, auxiliary: false }
    }

    /// The size of the retrained network for this many classes and this input.
    #[must_use]
    pub fn retrain_skeleton(&self, classes: usize, input: &InputSpec) -> Skeleton {
        let RetrainConfig { skeleton, channels, cells, auxiliary_weight, .. } = self.retrain;
        let auxiliary = auxiliary_weight > 0.0;
        Skeleton { stem: skeleton, channels, cells, classes, size: input.size, auxiliary }
    }

    /// Refuses values out of range.
    ///
    /// # Errors
    /// Names the key, what it is and what it may be.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.noise.check()?;
        self.cost.check()?;
        let portion = self.data.valid_portion;
        let unit = "between 0 and 1, both excluded";
        ensure(portion > 0.0 && portion < 1.0, "data.valid_portion", portion, unit)?;
        for (key, value) in [
            ("search.epochs", self.search.epochs),
            ("search.batch", self.search.batch),
            ("search.alpha_every", self.search.alpha_every),
            ("retrain.epochs", self.retrain.epochs),
            ("retrain.batch", self.retrain.batch),
            ("retrain.evaluate_every", self.retrain.evaluate_every),
            ("checkpoint.every_steps", self.checkpoint.every_steps),
            ("report.every_steps", self.report.every_steps),
        ] {
            ensure(value > 0, key, value, "at least 1")?;
        }
        for (key, value) in [
            ("search.learning_rate", self.search.learning_rate),
            ("search.alpha_learning_rate", self.search.alpha_learning_rate),
            ("retrain.learning_rate", self.retrain.learning_rate),
        ] {
            ensure(value.is_finite() && value > 0.0, key, value, "a number above 0")?;
        }
        for (key, value) in [
            ("search.clip", self.search.clip),
            ("search.alpha_clip", self.search.alpha_clip),
            ("retrain.clip", self.retrain.clip),
        ] {
            ensure(value.is_finite() && value >= 0.0, key, value, "a number of at least 0")?;
        }
        for (key, value) in [
            ("retrain.drop_path", self.retrain.drop_path),
            ("retrain.label_smoothing", self.retrain.label_smoothing),
            ("retrain.ema", self.retrain.ema),
        ] {
            ensure((0.0..1.0).contains(&value), key, value, "at least 0 and below 1")?;
        }
        Ok(())
    }
}

/// Refuses a setting of which this does not hold.
///
/// # Errors
/// Names the key, what it is and what it may be.
pub(crate) fn ensure(
    holds: bool,
    key: &'static str,
    found: impl ToString,
    expected: &'static str,
) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::Setting { key, found: found.to_string(), expected }) }
}

#[cfg(test)]
mod tests;
