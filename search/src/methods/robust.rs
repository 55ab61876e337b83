//! `RobustDARTS` (Zela et al. 2020): early stopping and stronger regularisation, both led by the largest eigenvalue of the
//! Hessian of the validation loss with respect to alpha.
//!
//! - ES: after every second epoch the eigenvalue is computed; where its local average grew by more than `factor` over
//!   eight epochs, the search ends, and its result is the genotype of the epoch before that growth
//!   ([`crate::diagnostics::early_stop`]).
//! - ADA: at that point the search goes back to that epoch's state instead, with weight decay
//!   `λ ← min(multiplier · λ, cap)`, as often as it happens and the cap allows.
//! - L2: DARTS with weight decay 3e-4 · 3^k; the setting is `search.weight_decay` (published grid: 9e-4, 27e-4, 81e-4,
//!   243e-4; the default here is the third, the first at which the public logs show no collapse).
//! - DP: drop-path on all candidates but skips with probability `drop_path · e / (E − 1)` at epoch e of E, and cutout with
//!   `cutout · e / (E − 1)`.
//!
//! Source: paper §5 and §6, `automl/RobustDARTS`; all published results are of second order.

use models::primitive::{NONE, SKIP_CONNECT};
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::{Entry, Method, Moment};
use crate::config::ensure;
use crate::diagnostics::early_stop::{EarlyStop, EarlyStopSettings, Stop};
use crate::error::Error;
use crate::net::{Candidate, drop_path};
use crate::review::{History, Verdict};

/// Settings of `RobustDARTS`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RobustConfig {
    /// Epochs between two eigenvalues (ES, ADA).
    pub every: usize,
    /// Eigenvalues in a local average.
    pub window: usize,
    /// The first epoch that a search may end with, or go back to.
    pub start: usize,
    /// Local averages between the two that are compared.
    pub delta: usize,
    /// Growth of the local average that ends a search, or takes it back.
    pub factor: f64,
    /// What the weight decay is multiplied by at a rollback (ADA), above 1.
    pub multiplier: f64,
    /// The weight decay that rollbacks do not exceed (ADA).
    pub cap: f64,
    /// Probability of drop-path in the last epoch (DP), in `[0, 1)`.
    pub drop_path: f64,
    /// Probability of cutout in the last epoch (DP), in `[0, 1]`; without drop-path there is none.
    pub cutout: f64,
}

impl RobustConfig {
    fn check(&self) -> Result<(), Error> {
        let Self { multiplier, cap, drop_path, cutout, factor, .. } = *self;
        ensure(
            multiplier.is_finite() && multiplier > 1.0,
            "robust.multiplier",
            multiplier,
            "a number above 1",
        )?;
        ensure(cap.is_finite() && cap > 0.0, "robust.cap", cap, "a number above 0")?;
        ensure((0.0..1.0).contains(&drop_path), "robust.drop_path", drop_path, "a probability below 1")?;
        ensure((0.0..=1.0).contains(&cutout), "robust.cutout", cutout, "a probability")?;
        let finite = factor.is_finite() && factor >= 0.0;
        ensure(finite, "robust.factor", factor, "a number of at least 0")?;
        for (key, value) in
            [("robust.every", self.every), ("robust.window", self.window), ("robust.delta", self.delta)]
        {
            ensure(value > 0, key, value, "at least 1")?;
        }
        Ok(())
    }

    const fn rule(&self) -> EarlyStopSettings {
        let &Self { every, window, start, delta, factor, .. } = self;
        EarlyStopSettings { window, every, start, delta, factor }
    }

    /// Epochs between what makes the rule fire and what is gone back to.
    const fn reach(&self) -> usize {
        (self.window / 2 + self.delta) * self.every
    }

    /// What the rule says after the last epoch of this history.
    fn stop_now(&self, history: &History<'_>) -> Option<Stop> {
        let mut rule = EarlyStop::new(self.rule());
        let mut said = None;
        for (epoch, line) in history.metrics.iter().enumerate() {
            said = line["eigenvalue"].as_f64().and_then(|eigenvalue| rule.push(epoch, eigenvalue));
        }
        said
    }

    fn reason(&self, stop: &Stop) -> String {
        let epochs = self.delta * self.every;
        format!(
            "the Hessian's largest eigenvalue is {:.2} times what it was {epochs} epochs before",
            stop.ratio
        )
    }
}

/// Early stopping.
struct EarlyStopping(RobustConfig);

impl Method for EarlyStopping {
    fn wants_eigenvalue(&self, epoch: usize) -> bool {
        epoch.is_multiple_of(self.0.every)
    }

    fn reviews(&self) -> bool {
        true
    }

    fn review(&self, history: &History<'_>) -> Verdict {
        let stop = self.0.stop_now(history);
        stop.map_or(Verdict::GoOn, |stop| Verdict::Stop {
            epoch: stop.stop_epoch,
            reason: self.0.reason(&stop),
        })
    }
}

/// Adaptive regularisation.
struct Adaptive(RobustConfig);

impl Method for Adaptive {
    fn wants_eigenvalue(&self, epoch: usize) -> bool {
        epoch.is_multiple_of(self.0.every)
    }

    fn goes_back(&self) -> usize {
        self.0.reach()
    }

    fn reviews(&self) -> bool {
        true
    }

    fn review(&self, history: &History<'_>) -> Verdict {
        let weight_decay = (self.0.multiplier * history.weight_decay).min(self.0.cap);
        // At the cap, or within rounding of it, nothing would change: the same epochs would come again.
        let stop = self.0.stop_now(history).filter(|_| weight_decay > history.weight_decay * (1.0 + 1e-9));
        stop.map_or(Verdict::GoOn, |stop| Verdict::RollBack {
            epoch: stop.stop_epoch,
            weight_decay,
            reason: self.0.reason(&stop),
        })
    }
}

/// DARTS with more weight decay.
struct Decayed;

impl Method for Decayed {}

/// Drop-path and cutout.
struct Dropped(RobustConfig);

impl Dropped {
    fn rate(&self, moment: Moment) -> f64 {
        self.0.drop_path * moment.ramp()
    }
}

impl Method for Dropped {
    fn touches(&self, op: &str, moment: Moment) -> bool {
        op != SKIP_CONNECT && op != NONE && self.rate(moment) > 0.0
    }

    fn perturb(&self, _candidate: Candidate<'_>, _extras: &[Tensor], moment: Moment, output: Tensor) -> Tensor {
        drop_path(&output, self.rate(moment))
    }

    fn cutout_share(&self, moment: Moment) -> f64 {
        if self.0.drop_path > 0.0 { self.0.cutout * moment.ramp() } else { 0.0 }
    }
}

const SOURCE: &str = "Zela et al. 2020, Understanding and Robustifying Differentiable Architecture Search";

pub(super) const EARLY_STOP: Entry = Entry {
    name: "robust-es",
    summary: "DARTS that stops before the Hessian's largest eigenvalue has grown",
    source: SOURCE,
    settings: "",
    published: include_str!("../../presets/methods/robust.toml"),
    make: |config| {
        config.robust.check()?;
        Ok(Box::new(EarlyStopping(config.robust.clone())))
    },
};

pub(super) const ADAPTIVE: Entry = Entry {
    name: "robust-ada",
    summary: "DARTS that goes back and regularises more when the Hessian's largest eigenvalue has grown",
    make: |config| {
        config.robust.check()?;
        Ok(Box::new(Adaptive(config.robust.clone())))
    },
    ..EARLY_STOP
};

pub(super) const L2: Entry = Entry {
    name: "robust-l2",
    summary: "DARTS with much weight decay",
    settings: "[search]\nweight_decay = 8.1e-3",
    make: |_| Ok(Box::new(Decayed)),
    ..EARLY_STOP
};

pub(super) const DROP_PATH: Entry = Entry {
    name: "robust-dp",
    summary: "DARTS with drop-path on all candidates but skips, and cutout, both growing",
    settings: "[search.augment]\ncutout = 16",
    make: |config| {
        config.robust.check()?;
        Ok(Box::new(Dropped(config.robust.clone())))
    },
    ..EARLY_STOP
};
