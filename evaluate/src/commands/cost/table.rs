//! What `cost` prints and draws.

use std::collections::BTreeSet;

use models::conventions::{CONVENTIONS, Term};
use models::memory::Memory;
use models::onnx::UnknownNode;
use serde::Serialize;

use super::columns::Column;
use super::counted::{Counted, Macs, Params};
use super::measured::Measured;
use super::parts::{By, Part, parts};
use crate::measure::system::environment::Environment;
use crate::report::{Cell, Report, Table};

/// The cost of one model.
#[derive(Debug, Serialize)]
pub(super) struct Cost {
    pub(super) model: String,
    /// Shape of the input that was counted for, batch included.
    input: Vec<usize>,
    pub(super) macs: Macs,
    #[serde(skip_serializing_if = "Option::is_none")]
    flops: Option<u64>,
    pub(super) params: Params,
    /// Bytes.
    pub(super) activations: Memory,
    /// Size of the decompressed file.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(flatten)]
    pub(super) measured: Measured,
    /// How each convention comes about, line by line.
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<Vec<Line>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<Vec<Part>>,
    /// Nodes that are not in these counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<UnknownNode>,
}

/// A term of the conventions.
#[derive(Debug, Serialize)]
struct Line {
    term: &'static str,
    /// Elements or multiply-adds.
    count: u64,
    /// How often each convention counts it.
    factors: [u64; CONVENTIONS.len()],
}

impl Cost {
    pub(super) fn new(counted: Counted, measured: Measured, by: Option<By>, flops: bool) -> Self {
        let terms = (by == Some(By::Term)).then(|| lines(&counted));
        let parts = by.filter(|by| *by != By::Term).map(|by| parts(&counted, by));
        Self {
            flops: flops.then(|| 2 * counted.macs.conv_linear()),
            model: counted.model,
            input: counted.input,
            macs: counted.macs,
            params: counted.params,
            activations: counted.activations,
            bytes: counted.bytes,
            measured,
            terms,
            parts,
            unknown: counted.unknown,
        }
    }

    /// What there is to count, by column; none where this model does not say it.
    fn counts(&self) -> Vec<(&'static str, Option<u64>)> {
        let macs = self.macs.iter().map(|(convention, macs)| (short(convention.name), macs));
        let Params { trained, without_aux, batch_norm, deployed } = self.params;
        let rest = [
            ("FLOPs", self.flops),
            ("params trained", trained),
            ("without aux", without_aux),
            ("of batch norms", batch_norm),
            ("params deployed", Some(deployed)),
            ("activation bytes", Some(self.activations.sum)),
            ("at once", Some(self.activations.peak)),
            ("file bytes", self.bytes),
        ];
        macs.chain(rest).collect()
    }
}

/// Heads of columns that are already full of numbers.
fn short(name: &'static str) -> &'static str {
    match name {
        "conv_linear" => "MACs (conv + linear)",
        "with_se_pool" => "+ SE pools",
        "thop_0_1" => "thop 0.1",
        "thop_old" => "old thop",
        other => other,
    }
}

fn lines(counted: &Counted) -> Vec<Line> {
    let terms = Term::ALL.into_iter().filter(|&term| counted.terms[term] > 0);
    let line = |term: Term| Line {
        term: term.title(),
        count: counted.terms[term],
        factors: CONVENTIONS.each_ref().map(|convention| convention.factor(term)),
    };
    terms.map(line).collect()
}

/// What `kind` says in these files.
pub(crate) const KIND: &str = "cost";

/// Version of the fields below. Goes up when one changes its meaning or leaves.
pub(crate) const SCHEMA: u32 = 1;

/// One call of `cost`.
#[derive(Serialize)]
pub(super) struct Costs {
    kind: &'static str,
    schema: u32,
    environment: Environment,
    models: Vec<Cost>,
}

impl Costs {
    pub(super) fn new(models: Vec<Cost>) -> Self {
        Self { kind: KIND, schema: SCHEMA, environment: Environment::here(), models }
    }
}

impl Report for Costs {
    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.table()];
        for cost in &self.models {
            tables.extend(cost.terms.as_ref().map(|lines| term_table(cost, lines)));
            tables.extend(cost.parts.as_ref().map(|parts| part_table(cost, parts)));
        }
        tables
    }
}

impl Costs {
    /// One row per model.
    fn table(&self) -> Table {
        let counts: Vec<_> = self.models.iter().map(Cost::counts).collect();
        // Columns that no model has are left out.
        let is_used = |column: &usize| counts.iter().any(|row| row[*column].1.is_some());
        let used: Vec<usize> = (0..counts[0].len()).filter(is_used).collect();
        let has = |column: Column| self.models.iter().any(|cost| column.of(cost).is_some());
        let mut measured = vec![("top-1 %", Column::Top1), ("latency ms", Column::Latency)];
        measured.retain(|(_, column)| has(*column));
        let heads = used.iter().map(|&column| counts[0][column].0);
        let heads = ["model", "input"].into_iter().chain(heads).chain(measured.iter().map(|(head, _)| *head));
        let mut table = Table::new(&heads.collect::<Vec<_>>());
        for (cost, counts) in self.models.iter().zip(&counts) {
            let numbers = used.iter().map(|&column| counts[column].1.map_or_else(|| "-".into(), Cell::Count));
            let figures = measured.iter().map(|(_, column)| decimals(column.of(cost)));
            let named = [cost.model.as_str().into(), shape_text(&cost.input).into()];
            table.row(&named.into_iter().chain(numbers).chain(figures).collect::<Vec<Cell>>());
        }
        self.notes(&mut table);
        table
    }

    /// What the numbers do not say by themselves.
    fn notes(&self, table: &mut Table) {
        if self.models.iter().any(|cost| cost.macs.iter().any(|(_, macs)| macs.is_none())) {
            table.note(
                "-: a file without batch norms; where they were folded, this convention counted more. Count the network.",
            );
        }
        let data: BTreeSet<&str> =
            self.models.iter().filter_map(|cost| cost.measured.top1_on.as_deref()).collect();
        if data.len() > 1 {
            let data: Vec<&str> = data.into_iter().collect();
            table.note(format!("Accuracies are on different data: {}.", data.join(", ")));
        }
        for cost in &self.models {
            if cost.bytes.is_some() && cost.params.batch_norm.is_some() {
                table.note(format!(
                    "{}: counted with the batch norms that are left in the file; any that were folded are not.",
                    cost.model
                ));
            }
            for UnknownNode { name, op_type, reason } in &cost.unknown {
                table.note(format!("{}: node {name} ({op_type}) is NOT in these counts: {reason}", cost.model));
            }
        }
    }
}

fn decimals(figure: Option<f64>) -> Cell {
    figure.map_or_else(|| "-".into(), |figure| format!("{figure:.2}").into())
}

/// Terms down, conventions across; the last row is the sum of each column.
fn term_table(cost: &Cost, lines: &[Line]) -> Table {
    let heads = ["counted", "elements"].into_iter().chain(CONVENTIONS.iter().map(|convention| convention.name));
    let mut table = Table::new(&heads.collect::<Vec<_>>()).titled(&cost.model);
    for line in lines {
        let shares = line.factors.iter().map(|&factor| match factor {
            0 => "".into(),
            1 => Cell::Count(line.count),
            factor => Cell::Times(factor, line.count),
        });
        let named = [line.term.into(), Cell::Count(line.count)];
        table.row(&named.into_iter().chain(shares).collect::<Vec<Cell>>());
    }
    let sums = cost.macs.iter().map(|(_, macs)| macs.map_or_else(|| "-".into(), Cell::Count));
    table.row(&["sum".into(), "".into()].into_iter().chain(sums).collect::<Vec<Cell>>());
    table
}

fn part_table(cost: &Cost, parts: &[Part]) -> Table {
    let total: u64 = parts.iter().map(|part| part.macs).sum();
    let heads = ["part", "kind", "output", "MACs", "%", "params", "activation bytes"];
    let mut table = Table::new(&heads).titled(&cost.model);
    for part in parts {
        let share = 100.0 * part.macs as f64 / total.max(1) as f64;
        table.row(&[
            part.name.as_str().into(),
            part.kind.as_deref().unwrap_or_default().into(),
            shape_text(&part.output).into(),
            Cell::Count(part.macs),
            format!("{share:.1}").into(),
            Cell::Count(part.params),
            Cell::Count(part.activation_bytes),
        ]);
    }
    table
}

/// `1x3x224x224`
fn shape_text(dims: &[usize]) -> String {
    dims.iter().map(ToString::to_string).collect::<Vec<_>>().join("x")
}
