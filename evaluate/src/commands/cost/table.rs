//! What `cost` prints and draws.

use models::conventions::{CONVENTIONS, Term};
use models::memory::Memory;
use models::onnx::UnknownNode;
use serde::Serialize;

use super::columns::Column;
use super::counted::{Counted, Macs, Params};
use super::measured::Measured;
use super::parts::{By, Part, parts};
use crate::report::{Report, Table, count};

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

    fn input_text(&self) -> String {
        self.input.iter().map(ToString::to_string).collect::<Vec<_>>().join("x")
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
        factors: CONVENTIONS.map(|convention| convention.factor(term)),
    };
    terms.map(line).collect()
}

#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Costs(pub(super) Vec<Cost>);

impl Report for Costs {
    fn text(&self) -> String {
        let mut text = self.table().lines();
        for cost in &self.0 {
            let terms = cost.terms.as_ref().map(|lines| term_table(cost, lines));
            let parts = cost.parts.as_ref().map(|parts| part_table(parts));
            for table in terms.into_iter().chain(parts) {
                text = format!("{text}\n{}\n{}", cost.model, table.lines());
            }
        }
        text + &self.notes()
    }
}

impl Costs {
    /// One row per model.
    fn table(&self) -> Table {
        let counts: Vec<_> = self.0.iter().map(Cost::counts).collect();
        // Columns that no model has are left out.
        let is_used = |column: &usize| counts.iter().any(|row| row[*column].1.is_some());
        let used: Vec<usize> = (0..counts[0].len()).filter(is_used).collect();
        let measured = [("top-1 %", Column::Top1), ("latency ms", Column::Latency)];
        let measured: Vec<_> = measured
            .into_iter()
            .filter(|(_, column)| self.0.iter().any(|cost| column.of(cost).is_some()))
            .collect();
        let heads = used.iter().map(|&column| counts[0][column].0);
        let heads = ["model", "input"].into_iter().chain(heads).chain(measured.iter().map(|(head, _)| *head));
        let mut table = Table::new(&heads.collect::<Vec<_>>());
        for (cost, counts) in self.0.iter().zip(&counts) {
            let numbers = used.iter().map(|&column| counts[column].1.map_or_else(|| "-".into(), count));
            let figures = measured
                .iter()
                .map(|(_, column)| column.of(cost).map_or_else(|| "-".into(), |f| format!("{f:.2}")));
            let row: Vec<String> =
                [cost.model.clone(), cost.input_text()].into_iter().chain(numbers).chain(figures).collect();
            table.row(&row);
        }
        table
    }

    /// What the numbers do not say by themselves.
    fn notes(&self) -> String {
        let mut notes = String::new();
        if self.0.iter().any(|cost| cost.macs.iter().any(|(_, macs)| macs.is_none())) {
            notes += "\n- : the file has no batch norms; where they were folded, this convention counted more. Count the network.\n";
        }
        for Cost { model, unknown, .. } in self.0.iter().filter(|cost| !cost.unknown.is_empty()) {
            let node = |node: &UnknownNode| format!("  {} ({}): {}\n", node.name, node.op_type, node.reason);
            let nodes: String = unknown.iter().map(node).collect();
            notes = format!("{notes}\n{model}: {} nodes are NOT in these counts:\n{nodes}", unknown.len());
        }
        notes
    }
}

/// Terms down, conventions across; the last row is the sum of each column.
fn term_table(cost: &Cost, lines: &[Line]) -> Table {
    let heads = ["counted", "elements"].into_iter().chain(CONVENTIONS.iter().map(|convention| convention.name));
    let mut table = Table::new(&heads.collect::<Vec<_>>());
    for line in lines {
        let shares = line.factors.iter().map(|&factor| match factor {
            0 => String::new(),
            1 => count(line.count),
            factor => format!("{factor} x = {}", count(factor * line.count)),
        });
        let row: Vec<String> = [line.term.into(), count(line.count)].into_iter().chain(shares).collect();
        table.row(&row);
    }
    let sums = cost.macs.iter().map(|(_, macs)| macs.map_or_else(|| "-".into(), count));
    table.row(&["sum".into(), String::new()].into_iter().chain(sums).collect::<Vec<String>>());
    table
}

fn part_table(parts: &[Part]) -> Table {
    let total: u64 = parts.iter().map(|part| part.macs).sum();
    let mut table = Table::new(&["part", "kind", "output", "MACs", "%", "params", "activation bytes"]);
    for part in parts {
        let output: Vec<String> = part.output.iter().map(ToString::to_string).collect();
        let share = 100.0 * part.macs as f64 / total.max(1) as f64;
        table.row(&[
            part.name.clone(),
            part.kind.clone().unwrap_or_default(),
            output.join("x"),
            count(part.macs),
            format!("{share:.1}"),
            count(part.params),
            count(part.activation_bytes),
        ]);
    }
    table
}
