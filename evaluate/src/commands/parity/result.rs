//! What `parity` finds, as it is written and printed.

use serde::Serialize;

use super::{
    bisect::Culprit,
    tolerance::{Precision, Tolerance},
};
use crate::{
    measure::{compare::Difference, system::environment::Environment},
    report::{Report, Table, percent},
};

/// What `kind` says in these files.
pub(crate) const KIND: &str = "parity";

/// Version of the fields below. Goes up when one changes its meaning or leaves.
pub(crate) const SCHEMA: u32 = 1;

/// One call of `parity`.
#[derive(Serialize)]
pub(super) struct Parity {
    pub(super) kind: &'static str,
    pub(super) schema: u32,
    pub(super) environment: Environment,
    pub(super) model: String,
    /// A second model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) against: Option<String>,
    /// The data, or `random`.
    pub(super) data: String,
    pub(super) inputs: usize,
    /// The coarsest that a file computes in.
    pub(super) precision: Precision,
    /// Limit for `max_relative`.
    pub(super) tolerance: f64,
    /// Least share of inputs with the same highest-scored class.
    pub(super) least_top1: f64,
    pub(super) holds: bool,
    pub(super) comparisons: Vec<Comparison>,
    /// Where the first pair that does not hold parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) culprit: Option<Culprit>,
}

/// Two results for the same inputs.
#[derive(Serialize)]
pub(super) struct Comparison {
    pub(super) a: String,
    pub(super) b: String,
    #[serde(flatten)]
    pub(super) difference: Difference,
    pub(super) holds: bool,
}

impl Comparison {
    /// Judges a difference over so many inputs.
    pub(super) fn new(names: [String; 2], difference: Difference, inputs: usize, tolerance: Tolerance) -> Self {
        let [a, b] = names;
        let share = difference.top1_equal as f64 / inputs.max(1) as f64;
        let holds = difference.max_relative <= tolerance.relative && share >= tolerance.top1;
        Self { a, b, difference, holds }
    }
}

impl Report for Parity {
    fn tables(&self) -> Vec<Table> {
        let mut table =
            Table::new(&["a", "b", "max |a-b| / max |b|", "max |a-b|", "worst input", "same top-1", ""]);
        for Comparison { a, b, difference, holds } in &self.comparisons {
            table.row(&[
                a.clone(),
                b.clone(),
                format!("{:.2e}", difference.max_relative),
                format!("{:.2e}", difference.max_absolute),
                difference.worst_input.to_string(),
                format!("{} of {}", difference.top1_equal, self.inputs),
                if *holds { "holds" } else { "DOES NOT HOLD" }.to_string(),
            ]);
        }
        let Self { inputs, data, tolerance, model, precision, .. } = self;
        let top1 = match self.least_top1 {
            0.0 => String::new(),
            least => format!(" and the same top-1 for {}", percent(100.0 * least)),
        };
        let name = precision.name();
        table.note(format!("{inputs} inputs ({data}), {name}, tolerance {tolerance:e}{top1}: {model}"));
        self.culprit.iter().for_each(|culprit| table.note(culprit.text()));
        vec![table]
    }
}

impl Culprit {
    fn text(&self) -> String {
        let Self { a, b, node, op, place, of, before, after, pieces, skipped } = self;
        let skipped = match skipped {
            0 => String::new(),
            count => format!(", {count} more could not be run"),
        };
        format!(
            "{a} and {b} part at node {node:?} ({op}, {place} of {of}): what it reads differs by {before:.2e}, what it gives by \
             {after:.2e} ({pieces} pieces of the model were run{skipped})"
        )
    }
}
