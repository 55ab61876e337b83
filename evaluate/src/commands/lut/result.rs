//! What `lut` finds: the table, and how good it is.

use std::collections::BTreeMap;

use models::lut::{Line, write};
use serde::Serialize;

use super::{operations::Operations, sums::Sums};
use crate::{
    commands::latency::result::ModelLatency,
    measure::{quantile::median, system::environment::Environment},
    report::{Report, Table, milliseconds, percent},
};

pub(super) const KIND: &str = "lut";

/// Version of the fields below. Goes up when one changes its meaning or leaves.
pub(super) const SCHEMA: u32 = 1;

/// One call of `lut`. Times are in milliseconds: CPU time of the thread where the system tells it, otherwise wall time.
#[derive(Debug, Serialize)]
pub(super) struct LookUp {
    pub(super) kind: String,
    pub(super) schema: u32,
    /// Of the machine that was measured.
    pub(super) environment: Environment,
    pub(super) space: String,
    pub(super) input: [usize; 2],
    pub(super) device: String,
    pub(super) about_runtime: String,
    /// Runs of each file.
    pub(super) runs: u32,
    /// The table that was written.
    pub(super) table: String,
    /// Every file: operations, fixed parts and whole networks.
    pub(super) files: BTreeMap<String, Time>,
    pub(super) sums: Sums,
}

/// Median of a file's runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Time {
    pub(super) milliseconds: f64,
    /// 95 % interval of the median.
    pub(super) interval: [f64; 2],
}

impl Time {
    /// Of what `latency` found.
    pub(super) fn of(row: &ModelLatency) -> Self {
        let samples = row.samples.as_ref().map(|samples| samples.cpu.as_ref().unwrap_or(&samples.wall));
        let mut sorted = samples.cloned().unwrap_or_else(|| vec![row.wall.min]);
        sorted.sort_unstable_by(f64::total_cmp);
        Self::of_sorted(&sorted)
    }

    /// The interval is between order statistics, which no distribution is assumed for (David and Nagaraja 2003, §7.1).
    fn of_sorted(sorted: &[f64]) -> Self {
        let n = sorted.len();
        let reach = 0.98 * (n as f64).sqrt();
        let low = (n as f64 / 2.0 - reach).round().max(1.0) as usize;
        let high = n + 1 - low;
        Self { milliseconds: median(sorted), interval: [sorted[low - 1], sorted[high.clamp(1, n) - 1]] }
    }

    /// Half the interval over the median.
    fn uncertainty(&self) -> f64 {
        let [low, high] = self.interval;
        (high - low) / 2.0 / self.milliseconds.max(1e-9)
    }
}

impl LookUp {
    /// The table as the search reads it. Its fixed part has the overhead in it, so that sums are close to whole networks.
    pub(super) fn csv(&self, operations: &Operations) -> String {
        let sum = |files: &[String], of: &dyn Fn(&Time) -> f64| -> f64 {
            files.iter().filter_map(|file| self.files.get(file)).map(of).sum()
        };
        let line = |layer, op: &str, files: &[String], more: f64| Line {
            layer,
            op: op.into(),
            milliseconds: more + sum(files, &|time| time.milliseconds),
            interval: [0, 1].map(|side| more + sum(files, &|time| time.interval[side])),
        };
        let base = line(None, "", &operations.list.fixed, self.sums.overhead);
        let rows = operations.list.rows.iter().enumerate();
        let rows = rows.flat_map(|(layer, row)| {
            row.iter().map(move |operation| line(Some(layer), &operation.op, &operation.files, 0.0))
        });
        write(&self.about(), &std::iter::once(base).chain(rows).collect::<Vec<_>>())
    }

    /// How it was measured, and how good it is.
    fn about(&self) -> Vec<String> {
        let cpu = self.environment.cpu.as_deref().unwrap_or(&self.environment.arch);
        let [height, width] = self.input;
        let Sums { fixed, overhead, spearman, plain, corrected, networks } = &self.sums;
        let mut lines = vec![
            format!("{} at {height}x{width} on {} ({cpu}), {}", self.space, self.device, self.about_runtime),
            format!(
                "medians of {} runs on one thread, operations in turn; half of their 95 % intervals: {}",
                self.runs,
                self.said()
            ),
        ];
        if !networks.is_empty() {
            let rank = spearman.map_or_else(|| "n/a".into(), |rank| format!("{rank:.3}"));
            lines.push(format!(
                "{} whole networks: Spearman {rank}; sums differ by {} (mean) and {} (largest)",
                networks.len(),
                percent(100.0 * plain.mean),
                percent(100.0 * plain.largest)
            ));
            lines.push(format!(
                "base is {fixed:.4} of fixed parts and {overhead:+.4} that sums leave out; with it they differ by {} (mean) and {} (largest)",
                percent(100.0 * corrected.mean),
                percent(100.0 * corrected.largest)
            ));
        }
        lines
    }

    /// Uncertainty of the files.
    fn said(&self) -> String {
        let all: Vec<f64> = self.files.values().map(|time| 100.0 * time.uncertainty()).collect();
        let largest = all.iter().copied().fold(0.0, f64::max);
        format!("{} (median) and {} (largest)", percent(median(&all)), percent(largest))
    }
}

impl Report for LookUp {
    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["network", "sum", "measured", "difference"]);
        for network in &self.sums.networks {
            let difference = 100.0 * (network.sum / network.measured - 1.0);
            table.row(&[
                network.genotype.clone(),
                milliseconds(Some(network.sum)),
                milliseconds(Some(network.measured)),
                format!("{difference:+.2} %"),
            ]);
        }
        for line in self.about() {
            table.note(line);
        }
        table.note(format!(
            "{}: for noisydarts-search run --space {} --set cost.term=latency --set cost.table={}",
            self.table, self.space, self.table
        ));
        vec![table]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For 20 runs the 6th and the 15th: 95.9 % by the binomial distribution.
    #[test]
    fn interval_of_a_median() {
        let sorted: Vec<f64> = (1..=20).map(f64::from).collect();
        let of = |milliseconds, interval| Time { milliseconds, interval };
        assert_eq!(Time::of_sorted(&sorted), of(10.0, [6.0, 15.0]));
        assert_eq!(Time::of_sorted(&[2.0]), of(2.0, [2.0, 2.0]));
    }
}
