//! `noisydarts-search nb201 check`.

use std::collections::HashMap;

use models::nb201::counts::{CIFAR10, IMAGENET16};
use models::nb201::table::{Column, Row, Table};
use models::nb201::{Architecture, COUNT};
use serde_json::{Value, json};

use super::{Ended, Format};

/// A count of the table that is not what the formula gives.
struct Finding {
    architecture: Architecture,
    index: f64,
    column: Column,
    formula: u64,
    table: u64,
    /// The first cell that computes the same and has the table's count: where the number comes from.
    source: Option<Architecture>,
}

pub(super) fn check(table: &Table, format: Format) -> Ended {
    let kinds = Kinds::new();
    let findings: Vec<Finding> = table.rows().flat_map(|row| findings(row, &kinds)).collect();
    let mut named: Vec<Architecture> = findings.iter().map(|finding| finding.architecture).collect();
    named.dedup();
    let agree = COUNT - named.len();
    match format {
        Format::Text => {
            let lines: Vec<String> = findings.iter().map(Finding::text).collect();
            put!("{}", lines.concat());
            put_line!("parameters and MACs of {agree} of {COUNT} architectures agree with the formulas");
        }
        Format::Json => {
            let findings: Vec<Value> = findings.iter().map(Finding::json).collect();
            put_line!("{}", json!({ "architectures": COUNT, "agree": agree, "differ": findings }));
        }
    }
    if findings.iter().all(|finding| finding.source.is_some()) { Ended::Done } else { Ended::Differs }
}

fn findings(row: Row<'_>, kinds: &Kinds) -> Vec<Finding> {
    let architecture = row.architecture;
    let parameters = CIFAR10.parameters(architecture);
    let formulas = [
        (Column::PARAMETERS, parameters),
        (Column::PARAMETERS_NATS, parameters),
        (Column::MACS, CIFAR10.macs(architecture)),
        (Column::MACS_IMAGENET16, IMAGENET16.macs(architecture)),
    ];
    let finding = |(column, formula): (Column, u64)| {
        let table = row.get(column) as u64;
        // Only NATS-Bench is known to have other cells' counts.
        let taken = (column == Column::PARAMETERS_NATS).then(|| kinds.with(architecture, table)).flatten();
        Finding { architecture, index: row.get(Column::INDEX), column, formula, table, source: taken }
    };
    formulas.map(finding).into_iter().filter(|finding| finding.formula != finding.table).collect()
}

impl Finding {
    fn text(&self) -> String {
        let Self { architecture, index, column, formula, table, source } = self;
        let source = source.map_or_else(String::new, |source| format!(", the count of {source}"));
        format!("{architecture} (index {index}): {} is {table}{source}; by formula {formula}\n", column.name())
    }

    fn json(&self) -> Value {
        json!({
            "architecture": self.architecture.to_string(),
            "index": self.index as u64,
            "column": self.column.name(),
            "table": self.table,
            "formula": self.formula,
            "count_of": self.source.map(|source| source.to_string()),
        })
    }
}

/// All architectures by what they compute.
struct Kinds(HashMap<String, Vec<Architecture>>);

impl Kinds {
    fn new() -> Self {
        let mut kinds: HashMap<String, Vec<Architecture>> = HashMap::new();
        for architecture in Architecture::all() {
            kinds.entry(architecture.unrolled()).or_default().push(architecture);
        }
        Self(kinds)
    }

    /// The first architecture that computes the same as this one and has so many parameters.
    fn with(&self, architecture: Architecture, parameters: u64) -> Option<Architecture> {
        let kind = self.0.get(&architecture.unrolled())?;
        kind.iter().copied().find(|&other| CIFAR10.parameters(other) == parameters)
    }
}
