//! Where everything of a cell stands: heights from the search for a good order, widths from the texts.

use super::order;
use super::place::{self, Heights};
use super::plan::{Kind, Plan};
use crate::genotype::CellGenotype;

/// Pixels around a cell.
pub(super) const MARGIN: f64 = 12.0;
/// Width and height of the cell's inputs and its output.
pub(super) const SIGNAL: [f64; 2] = [46.0, 26.0];
/// Radius of a node.
pub(super) const RADIUS: f64 = 13.0;
/// Pixels between a pill and its node.
const JOIN: f64 = 24.0;

/// A cell whose items have their heights.
pub(super) struct Layout {
    pub(super) plan: Plan,
    pub(super) heights: Heights,
}

/// Widths that the cells of one picture share, so that their columns stand below each other.
#[derive(Clone, Copy, Default)]
pub(super) struct Widths {
    /// Of a pill.
    pub(super) pill: f64,
    /// Between two columns.
    gap: f64,
}

impl Widths {
    pub(super) const fn max(self, other: Self) -> Self {
        Self { pill: self.pill.max(other.pill), gap: self.gap.max(other.gap) }
    }

    /// Left and right end of a column.
    pub(super) fn column(self, at: usize) -> [f64; 2] {
        let inputs = MARGIN + SIGNAL[0];
        let width = self.pill + JOIN + 2.0 * RADIUS;
        let left = inputs + self.gap + (at as f64 - 1.0) * (width + self.gap);
        if at == 0 { [MARGIN, inputs] } else { [left, left + width] }
    }
}

impl Layout {
    pub(super) fn new(cell: &CellGenotype) -> Self {
        let mut plan = Plan::new(cell);
        let heights = order::improve(&mut plan);
        Self { plan, heights }
    }

    /// Pills wide enough for the longest operation in the widest of the fonts; wide gaps for steep lines.
    pub(super) fn widths(&self) -> Widths {
        let columns = &self.plan.columns;
        let ops = columns.iter().flatten().filter_map(|item| match &item.kind {
            Kind::Node(pills) => pills.iter().map(|pill| pill.op.chars().count()).max(),
            Kind::Input | Kind::Lane => None,
        });
        let rises = (1..columns.len()).flat_map(|at| place::rises(columns, &self.heights, at));
        let steepest = rises.map(f64::abs).fold(0.0, f64::max);
        let longest = ops.max().unwrap_or(4) as f64;
        Widths { pill: 8.0 * longest + 16.0, gap: (36.0 + steepest / 4.0).clamp(48.0, 88.0) }
    }

    /// Top and bottom of the bar that stands for the concatenation.
    pub(super) fn bar(&self) -> [f64; 2] {
        let last = self.plan.columns.iter().zip(&self.heights).next_back();
        let rows = last.into_iter().flat_map(|(column, heights)| column.iter().zip(heights));
        let joined = rows.filter(|(item, _)| self.plan.output.contains(&item.source)).map(|(_, &y)| [y, y]);
        let [top, bottom] = joined.reduce(hull).unwrap_or_default();
        // At least as long as the word on it.
        let half = f64::midpoint(bottom, -top).max(19.0) + 10.0;
        let middle = f64::midpoint(top, bottom);
        [middle - half, middle + half]
    }

    /// Top and bottom of all.
    pub(super) fn extent(&self) -> [f64; 2] {
        let items = self.plan.columns.iter().flatten().zip(self.heights.iter().flatten());
        let ends = items.map(|(item, y)| {
            // Inputs keep a distance from each other that is not to be seen.
            let half = if matches!(item.kind, Kind::Input) { SIGNAL[1] } else { item.extent() } / 2.0;
            [y - half, y + half]
        });
        ends.fold(self.bar(), hull)
    }
}

const fn hull(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0].min(b[0]), a[1].max(b[1])]
}
