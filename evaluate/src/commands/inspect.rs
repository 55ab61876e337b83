//! `inspect`: what is in a file.

use std::{collections::BTreeMap, path::PathBuf};

use models::onnx::{Account, Port};
use serde::Serialize;

use super::{Verdict, cost::trained, shape::ShapeArgs};
use crate::{
    cli::Context,
    error::{Error, Result},
    report::{Cell, Report, Table, count},
    subject::ModelFile,
};

/// Arguments of `inspect`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// ONNX file
    model: PathBuf,
    #[command(flatten)]
    shape: ShapeArgs,
}

#[derive(Serialize)]
struct Inspection {
    model: String,
    /// Size of the decompressed file.
    bytes: u64,
    ir_version: i64,
    opset: i64,
    producer: String,
    inputs: Vec<PortReport>,
    outputs: Vec<PortReport>,
    /// Number of nodes by operator.
    operators: BTreeMap<String, usize>,
    initializers: usize,
    #[serde(flatten)]
    counts: Counts,
    metadata: BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize)]
struct PortReport {
    name: String,
    r#type: String,
    shape: String,
}

/// What was counted, or why it could not be.
#[derive(Serialize)]
#[serde(untagged)]
enum Counts {
    Known {
        macs: BTreeMap<&'static str, u64>,
        params: BTreeMap<&'static str, u64>,
        /// Elements of initializers that no node uses.
        unused: u64,
    },
    Unknown {
        uncounted: String,
    },
}

/// Shows the file.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Verdict> {
    let file = ModelFile::open(&args.model)?;
    let model = &file.model;
    context.print(&Inspection {
        model: file.name(),
        bytes: model.bytes,
        ir_version: model.ir_version,
        opset: model.opset,
        producer: model.producer.join(" ").trim().into(),
        inputs: model.graph.inputs.iter().map(PortReport::from).collect(),
        outputs: model.graph.outputs.iter().map(PortReport::from).collect(),
        operators: model.graph.histogram().into_iter().map(|(op, n)| (op.into(), n)).collect(),
        initializers: model.graph.initializers.len(),
        counts: Counts::new(file.account(&args.shape.assume(false)), trained(&file)),
        metadata: model.metadata.iter().map(|(key, value)| (key.clone(), parsed(value))).collect(),
    })?;
    Ok(Verdict::Done)
}

/// JSON as JSON, everything else as text.
fn parsed(value: &str) -> serde_json::Value {
    serde_json::from_str(value).unwrap_or_else(|_| value.into())
}

impl From<&Port> for PortReport {
    fn from(port: &Port) -> Self {
        Self { name: port.name.clone(), r#type: port.data_type.to_string(), shape: port.shape_text() }
    }
}

impl Counts {
    fn new(account: Result<Account, Error>, trained: Option<u64>) -> Self {
        match account {
            Ok(Account { macs, params, unused, .. }) => Self::Known {
                macs: [("conv_linear", macs)].into(),
                params: [("deployed", Some(params)), ("trained", trained)]
                    .into_iter()
                    .filter_map(|(name, n)| Some((name, n?)))
                    .collect(),
                unused,
            },
            Err(error) => Self::Unknown { uncounted: error.chain() },
        }
    }

    fn rows(&self, table: &mut Table) {
        match self {
            Self::Known { macs, params, unused } => {
                for (name, n) in macs {
                    table.pair(&format!("MACs ({name})"), Cell::Count(*n));
                }
                for (name, n) in params {
                    table.pair(&format!("params ({name})"), Cell::Count(*n));
                }
                if *unused > 0 {
                    table.pair("unused", Cell::Count(*unused));
                }
            }
            Self::Unknown { uncounted } => {
                table.pair("MACs, params", format!("unknown: failed to {uncounted}"));
            }
        }
    }
}

impl Report for Inspection {
    fn tables(&self) -> Vec<Table> {
        let mut metadata = Table::pairs().titled("metadata");
        for (key, value) in &self.metadata {
            metadata.pair(key, shown(value));
        }
        let about = self.about().titled("file");
        if self.metadata.is_empty() { vec![about] } else { vec![about, metadata] }
    }

    /// Values of the metadata can be long, so they are not in a column.
    fn text(&self) -> String {
        let metadata = self.metadata.iter().map(|(key, value)| format!("{key}: {}\n", shown(value)));
        self.about().lines() + &metadata.collect::<String>()
    }
}

impl Inspection {
    /// What is in the file, without its metadata.
    fn about(&self) -> Table {
        let mut table = Table::pairs();
        table.pair("model", &self.model);
        table.pair("size", format!("{} bytes", count(self.bytes)));
        table.pair("format", format!("IR {}, opset {}, by {}", self.ir_version, self.opset, self.producer));
        for (kind, ports) in [("input", &self.inputs), ("output", &self.outputs)] {
            for port in ports {
                table.pair(kind, format!("{} {} {}", port.name, port.r#type, port.shape));
            }
        }
        let operators: Vec<String> = self.operators.iter().map(|(op, n)| format!("{op} {n}")).collect();
        table.pair("operators", operators.join(", "));
        table.pair("initializers", self.initializers.to_string());
        self.counts.rows(&mut table);
        table
    }
}

/// On one line, text without quotes.
fn shown(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
