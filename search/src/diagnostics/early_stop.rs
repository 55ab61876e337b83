//! RobustDARTS's early stopping: end the search before the curvature rises.
//!
//! Zela et al. 2020, "Understanding and Robustifying Differentiable Architecture Search", §4.3; as its released code
//! has it (`automl/RobustDARTS`, class `EVLocalAvg`).

use serde::{Deserialize, Serialize};

use super::smooth::{WINDOW, local_average};

/// When the rule fires.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopSettings {
    /// Eigenvalues in a local average.
    pub window: usize,
    /// Epochs between two eigenvalues. Others are no part of the series: RobustDARTS logs every second epoch, and the
    /// last one on top, which its rule never sees.
    pub every: usize,
    /// The first epoch that may be returned.
    pub start: usize,
    /// Local averages between the two that are compared.
    pub delta: usize,
    /// Growth of the local average that stops the search.
    pub factor: f64,
}

impl Default for EarlyStopSettings {
    /// As published: a window of 5, every 2 epochs, from epoch 10 on, 4 averages apart, factor 1.3.
    fn default() -> Self {
        Self { window: WINDOW, every: 2, start: 10, delta: 4, factor: 1.3 }
    }
}

/// A search that should have ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    /// The epoch, from 0, whose eigenvalue made the rule fire.
    pub trigger: usize,
    /// The epoch whose genotype is the result: before the curvature rose.
    pub stop_epoch: usize,
    /// The local average now by that of `stop_epoch`; above the settings' factor.
    pub ratio: f64,
}

/// The rule at work on a growing series of largest Hessian eigenvalues.
#[derive(Clone, Debug)]
pub struct EarlyStop {
    settings: EarlyStopSettings,
    values: Vec<f64>,
}

impl EarlyStop {
    /// The rule before the first eigenvalue.
    #[must_use]
    pub const fn new(settings: EarlyStopSettings) -> Self {
        Self { settings, values: Vec::new() }
    }

    /// Takes the eigenvalue of this epoch, from 0; says whether the search should have stopped. Epochs come in order;
    /// those between multiples of `every` are passed over.
    pub fn push(&mut self, epoch: usize, eigenvalue: f64) -> Option<Stop> {
        if !epoch.is_multiple_of(self.settings.every) {
            return None;
        }
        self.values.push(eigenvalue);
        let reach = self.settings.window / 2;
        // The newest value whose window is as full as it gets; `delta` places before it stands what may be returned.
        let now = (self.values.len() - 1).checked_sub(reach)?;
        let earlier = now.checked_sub(self.settings.delta)?;
        let stop_epoch = epoch.checked_sub((reach + self.settings.delta) * self.settings.every)?;
        let average = |at| local_average(&self.values, at, reach);
        let ratio = average(now) / average(earlier);
        let fires = stop_epoch >= self.settings.start && ratio > self.settings.factor;
        fires.then_some(Stop { trigger: epoch, stop_epoch, ratio })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the rule first fires on a whole series of (epoch, eigenvalue).
    fn first_stop(settings: EarlyStopSettings, series: &[(usize, f64)]) -> Option<Stop> {
        let mut rule = EarlyStop::new(settings);
        series.iter().find_map(|&(epoch, eigenvalue)| rule.push(epoch, eigenvalue))
    }

    /// All 33 public logs of S1 on CIFAR-10.
    #[test]
    fn every_public_log_stops_where_it_should() {
        let mut lines = include_str!("golden/early_stop.csv").lines().filter(|line| !line.starts_with('#'));
        let heads = lines.next().unwrap().split(',').skip(4);
        let epochs: Vec<usize> = heads.map(|epoch| epoch.parse().unwrap()).collect();
        assert_eq!(epochs.last(), Some(&49), "the odd one is in the data, so that it is tested");
        let mut count = 0;
        for line in lines {
            let cells: Vec<&str> = line.split(',').collect();
            let value = |cell: &&str| cell.parse::<f64>().unwrap() * 1e-6;
            let series: Vec<(usize, f64)> = epochs.iter().copied().zip(cells[4..].iter().map(value)).collect();
            assert_eq!(series.len(), epochs.len());
            let found = first_stop(EarlyStopSettings::default(), &series);
            let text = found.map_or([const { String::new() }; 3], |stop| {
                [stop.trigger.to_string(), stop.stop_epoch.to_string(), format!("{:.4}", stop.ratio)]
            });
            assert_eq!(text, cells[1..4], "run {}", cells[0]);
            count += 1;
        }
        assert_eq!(count, 33);
    }

    #[test]
    fn nothing_stops_before_the_start_or_on_broken_values() {
        let series: Vec<(usize, f64)> = (0..50).map(|epoch| (epoch, 1.1_f64.powi(epoch as i32))).collect();
        let stop = first_stop(EarlyStopSettings::default(), &series).unwrap();
        assert_eq!((stop.trigger, stop.stop_epoch), (22, 10), "the earliest that the settings allow");
        let settings = EarlyStopSettings { start: 30, ..EarlyStopSettings::default() };
        assert_eq!(first_stop(settings, &series).unwrap().stop_epoch, 30);
        let broken: Vec<(usize, f64)> = series.iter().map(|&(epoch, _)| (epoch, f64::NAN)).collect();
        assert_eq!(first_stop(EarlyStopSettings::default(), &broken), None);
    }
}
