//! What models can be ordered and drawn by.

use std::cmp::Ordering;

use super::table::Cost;
use crate::error::{Error, Result};
use crate::report::scatter::{self, Axis, Point};

/// What models can be ordered by.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Column {
    /// Multiply-adds of convolutions and linear layers
    Macs,
    /// Deployed parameters
    Params,
    /// Activation memory at once
    Memory,
    /// Accuracy
    Top1,
    /// Median latency
    Latency,
}

impl Column {
    /// Sorts best first; models that lack the figure come last.
    pub(super) fn sort(self, costs: &mut [Cost]) {
        let less = !matches!(self, Self::Top1);
        costs.sort_by(|a, b| match (self.of(a), self.of(b)) {
            (Some(a), Some(b)) if less => a.total_cmp(&b),
            (Some(a), Some(b)) => b.total_cmp(&a),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        });
    }

    pub(super) fn of(self, cost: &Cost) -> Option<f64> {
        match self {
            Self::Macs => Some(cost.macs.conv_linear() as f64),
            Self::Params => Some(cost.params.deployed as f64),
            Self::Memory => Some(cost.activations.peak as f64),
            Self::Top1 => cost.measured.top1,
            Self::Latency => cost.measured.latency,
        }
    }
}

/// Horizontal axes.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(super) enum X {
    /// Millions of multiply-adds
    #[default]
    Macs,
    /// Millions of deployed parameters
    Params,
    /// Milliseconds
    Latency,
}

/// Vertical axes.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(super) enum Y {
    /// Percent
    #[default]
    Top1,
    /// Milliseconds
    Latency,
    /// Millions of deployed parameters
    Params,
}

/// The picture of all models that have both figures.
pub(super) fn pareto(costs: &[Cost], x: X, y: Y) -> Result<String> {
    let millions = |value: f64| value / 1e6;
    let points = costs.iter().filter_map(|cost| {
        let x = match x {
            X::Macs => Column::Macs.of(cost).map(millions),
            X::Params => Column::Params.of(cost).map(millions),
            X::Latency => Column::Latency.of(cost),
        };
        let y = match y {
            Y::Top1 => Column::Top1.of(cost),
            Y::Latency => Column::Latency.of(cost),
            Y::Params => Column::Params.of(cost).map(millions),
        };
        let name = cost.model.strip_prefix("zoo:").unwrap_or(&cost.model).into();
        Some(Point { name, x: x?, y: y? })
    });
    let points: Vec<Point> = points.collect();
    if points.is_empty() {
        let problem = "no model has both figures; give --results of `accuracy` and `latency`".into();
        return Err(Error::Flag { flag: "--pareto", problem });
    }
    let x = match x {
        X::Macs => "MACs (conv + linear), millions",
        X::Params => "deployed parameters, millions",
        X::Latency => "latency, ms",
    };
    let (y, less) = match y {
        Y::Top1 => ("top-1, %", false),
        Y::Latency => ("latency, ms", true),
        Y::Params => ("deployed parameters, millions", true),
    };
    Ok(scatter::svg(&points, [Axis { title: x, less: true }, Axis { title: y, less }]))
}
