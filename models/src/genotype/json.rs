//! The JSON form: `{"schema": 1, "space": "darts", "normal": {"edges": [["2_0", "sep_conv_3x3"], ...],
//! "concat": [2, 3, 4, 5]}, "reduce": {...}}`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::cursor::error_at;
use super::{CellGenotype, Edge, Genotype, MOBILE, NB201, TWO_INPUTS, UP_TO_TWO_INPUTS, split_edge};
use crate::error::{Error, suggestion};

/// The one version of the form so far.
const SCHEMA: u64 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    schema: u64,
    #[serde(borrow)]
    space: &'a RawValue,
    #[serde(borrow)]
    normal: Cell<'a>,
    // Missing in the spaces that search one cell alone.
    #[serde(borrow)]
    reduce: Option<Cell<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cell<'a> {
    // Raw, so that a wrong edge is reported with its place in the text.
    #[serde(borrow)]
    edges: Vec<&'a RawValue>,
    concat: Vec<usize>,
}

pub(super) fn parse(text: &str) -> Result<Genotype, Error> {
    let file: File<'_> = serde_json::from_str(text).map_err(|error| syntax(text, &error))?;
    if file.schema != SCHEMA {
        return Err(error_at(text, text.find("\"schema\"").unwrap_or(0), &format!("schema {SCHEMA}")));
    }
    let space = space(text, file.space)?;
    let normal = cell(text, &file.normal, &space)?;
    let reduce = file.reduce.as_ref().map(|reduce| cell(text, reduce, &space)).transpose()?;
    Genotype { space, normal, reduce }.validated()
}

fn syntax(text: &str, error: &serde_json::Error) -> Error {
    let (line, column) = (error.line().max(1), error.column().max(1));
    let message = error.to_string();
    // The place is in our own fields already.
    let problem = message.split(" at line ").next().unwrap_or_default();
    let found = text.lines().nth(line - 1).and_then(|text| text.chars().nth(column - 1));
    let found = found.map_or("the end".into(), |c| format!("{c:?}"));
    Error::Parse { line, column, expected: format!("a genotype ({problem})"), found }
}

/// Where a borrowed part of the text starts.
fn offset(text: &str, part: &RawValue) -> usize {
    part.get().as_ptr() as usize - text.as_ptr() as usize
}

fn space(text: &str, raw: &RawValue) -> Result<String, Error> {
    let known = [TWO_INPUTS, UP_TO_TWO_INPUTS, NB201, MOBILE];
    let space: String = serde_json::from_str(raw.get()).unwrap_or_default();
    if known.contains(&space.as_str()) {
        return Ok(space);
    }
    Err(error_at(text, offset(text, raw), &format!("a space{}", suggestion(&space, &known))))
}

fn cell(text: &str, cell: &Cell<'_>, space: &str) -> Result<CellGenotype, Error> {
    let edges: Result<Vec<Edge>, Error> = cell
        .edges
        .iter()
        .map(|raw| edge(raw.get(), space).map_err(|problem| error_at(text, offset(text, raw), &problem)))
        .collect();
    Ok(CellGenotype { edges: edges?, concat: cell.concat.clone() })
}

fn edge(raw: &str, space: &str) -> Result<Edge, String> {
    let form = "an edge [\"node_predecessor\", \"operation\"]";
    let (edge, op): (String, String) = serde_json::from_str(raw).map_err(|_| form.to_string())?;
    let (node, from) = split_edge(&edge).ok_or(form)?;
    let edge = Edge { node, from, op };
    edge.check(space).map(|()| edge).map_err(|problem| format!("a valid edge ({problem})"))
}

pub(super) fn write(genotype: &Genotype) -> String {
    let cell = |(name, cell): (&str, &CellGenotype)| {
        let edges: Vec<String> =
            cell.edges.iter().map(|edge| format!("      [\"{}\", \"{}\"]", edge.name(), edge.op)).collect();
        let edges = edges.join(",\n");
        format!("  \"{name}\": {{\n    \"edges\": [\n{edges}\n    ],\n    \"concat\": {:?}\n  }}", cell.concat)
    };
    let cells: Vec<String> = genotype.cells().map(cell).collect();
    format!("{{\n  \"schema\": {SCHEMA},\n  \"space\": \"{}\",\n{}\n}}\n", genotype.space, cells.join(",\n"))
}
