//! What models can be ordered and drawn by.

use std::cmp::Ordering;

use models::zoo;

use super::table::Cost;
use crate::error::{Error, Result};
use crate::report::scatter::{self, Axis, Point};

/// What models can be ordered by, and drawn along.
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
        let less = self.axis().less;
        costs.sort_by(|a, b| match (self.of(a), self.of(b)) {
            (Some(a), Some(b)) if less => a.total_cmp(&b),
            (Some(a), Some(b)) => b.total_cmp(&a),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        });
    }

    /// How it is drawn: counts in millions.
    const fn axis(self) -> Axis<'static> {
        let (title, less) = match self {
            Self::Macs => ("MACs (conv + linear), millions", true),
            Self::Params => ("deployed parameters, millions", true),
            Self::Memory => ("activation memory at once, MB", true),
            Self::Top1 => ("top-1, %", false),
            Self::Latency => ("latency, ms", true),
        };
        Axis { title, less }
    }

    fn drawn(self, cost: &Cost) -> Option<f64> {
        let unit = match self {
            Self::Macs | Self::Params | Self::Memory => 1e6,
            Self::Top1 | Self::Latency => 1.0,
        };
        self.of(cost).map(|figure| figure / unit)
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

/// The picture of all models that have both figures.
pub(super) fn pareto(costs: &[Cost], x: Column, y: Column) -> Result<String> {
    let points = costs.iter().filter_map(|cost| {
        let name = zoo::name_of(&cost.model).unwrap_or(&cost.model).into();
        Some(Point { name, x: x.drawn(cost)?, y: y.drawn(cost)? })
    });
    let points: Vec<Point> = points.collect();
    if points.is_empty() {
        let problem = "no model has both figures; give --results of `accuracy` and `latency`".into();
        return Err(Error::Flag { flag: "--pareto", problem });
    }
    Ok(scatter::svg(&points, [x.axis(), y.axis()]))
}
