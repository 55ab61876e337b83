//! Look-up tables of measured latency per layer and operation, as CSV.
//!
//! ```text
//! layer,op,milliseconds
//! base,,2.838628           # stem, head, and whatever is not chosen
//! 0,E3_K3,0.692964         # the first row of architecture parameters, counted from 0 through all tables
//! 0,E3_K5,1.204323
//! ```
//! Columns are found by their names and may stand in any order, others are passed over; which one holds the milliseconds is
//! the caller's choice, so that one file can serve several devices (`HW-NAS-Bench`'s table of `FBNet` is read as it is). The
//! layer of the fixed part begins with `base`. Operations that do nothing, `skip_connect` and `none`, may be left out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::network::Table;
use crate::primitive::{NONE, SKIP_CONNECT};

/// Why a table cannot be used. The text fits "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("read latency table {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("read latency table {path}, line {line}: expected {expected}, found {found:?}")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What should be there.
        expected: String,
        /// What is.
        found: String,
    },
    /// The table does not know a candidate.
    #[error(
        "find {op} of layer {layer} in latency table {path}: measure it, or take a table of this search space"
    )]
    Missing {
        /// The file.
        path: PathBuf,
        /// The row of architecture parameters, from 0.
        layer: usize,
        /// The operation.
        op: String,
    },
}

/// Milliseconds by layer and operation.
#[derive(Clone, Debug, PartialEq)]
pub struct LatencyTable {
    path: PathBuf,
    base: f64,
    entries: HashMap<(usize, String), f64>,
}

/// The places of the columns that are read.
struct Columns {
    layer: usize,
    op: usize,
    milliseconds: usize,
}

impl LatencyTable {
    /// Reads a file; `column` names the one with the milliseconds.
    ///
    /// # Errors
    /// When it cannot be read, lacks a column, or has a line that is none, twice the same entry included.
    pub fn read(path: &Path, column: &str) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io { path: path.into(), source })?;
        Self::parse(&text, path, column)
    }

    /// Reads a text; `path` is for messages.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &str, path: &Path, column: &str) -> Result<Self, Error> {
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, fields(line)));
        let (_, header) = lines.next().unwrap_or_default();
        let wrong = |line: usize, expected: &str, found: &str| Error::Line {
            path: path.into(),
            line,
            expected: expected.into(),
            found: found.into(),
        };
        let place = |name: &str| {
            let found = header.iter().position(|field| *field == name);
            found.ok_or_else(|| wrong(1, &format!("a column {name}"), &header.join(",")))
        };
        let columns = Columns { layer: place("layer")?, op: place("op")?, milliseconds: place(column)? };
        let mut table = Self { path: path.into(), base: 0.0, entries: HashMap::new() };
        for (line, fields) in lines.filter(|(_, fields)| fields[..] != [""]) {
            table.take(&columns, &fields).map_err(|(expected, found)| wrong(line, expected, found))?;
        }
        Ok(table)
    }

    fn take<'t>(&mut self, columns: &Columns, fields: &[&'t str]) -> Result<(), (&'static str, &'t str)> {
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        let number = field(columns.milliseconds);
        let finite = number.parse().ok().filter(|value: &f64| value.is_finite());
        let milliseconds = finite.ok_or(("a number of milliseconds", number))?;
        let layer = field(columns.layer);
        if layer.starts_with("base") {
            self.base = milliseconds;
            return Ok(());
        }
        let layer_number = layer.parse().map_err(|_| ("a layer's number from 0, or base", layer))?;
        let op = field(columns.op);
        match self.entries.insert((layer_number, op.into()), milliseconds) {
            None => Ok(()),
            Some(_) => Err(("each operation of a layer once", op)),
        }
    }

    /// The fixed part.
    #[must_use]
    pub const fn base(&self) -> f64 {
        self.base
    }

    /// The milliseconds of an operation in a layer; 0 of operations that do nothing where they are not listed.
    ///
    /// # Errors
    /// When it is not there.
    pub fn milliseconds(&self, layer: usize, op: &str) -> Result<f64, Error> {
        match self.entries.get(&(layer, op.to_string())) {
            Some(&milliseconds) => Ok(milliseconds),
            None if op == SKIP_CONNECT || op == NONE => Ok(0.0),
            None => Err(Error::Missing { path: self.path.clone(), layer, op: op.into() }),
        }
    }

    /// The milliseconds of every candidate, `[row][op]`, table after table.
    ///
    /// # Errors
    /// When one is not there.
    pub fn rows(&self, tables: &[Table]) -> Result<Vec<Vec<f64>>, Error> {
        let rows = tables.iter().flat_map(|table| &table.rows).enumerate();
        rows.map(|(layer, row)| row.ops.iter().map(|op| self.milliseconds(layer, op)).collect()).collect()
    }
}

/// One line of a table that is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The row of architecture parameters, counted from 0 through all tables; none for the fixed part.
    pub layer: Option<usize>,
    /// The operation; empty for the fixed part.
    pub op: String,
    /// Its time.
    pub milliseconds: f64,
    /// Bounds of its time.
    pub interval: [f64; 2],
}

/// A table as text, comments first: what [`LatencyTable::parse`] reads.
#[must_use]
pub fn write(comments: &[String], lines: &[Line]) -> String {
    let head = std::iter::once("layer,op,milliseconds,low,high".to_string());
    let comments = comments.iter().map(|comment| format!("# {}", comment.replace('\n', " ")));
    let line = |Line { layer, op, milliseconds, interval: [low, high] }: &Line| {
        let layer = layer.map_or_else(|| "base".into(), |layer| layer.to_string());
        format!("{layer},{op},{milliseconds:.6},{low:.6},{high:.6}")
    };
    head.chain(comments).chain(lines.iter().map(line)).map(|line| line + "\n").collect()
}

fn fields(line: &str) -> Vec<&str> {
    let line = line.split('#').next().unwrap_or_default();
    line.split(',').map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<LatencyTable, Error> {
        LatencyTable::parse(text, Path::new("t.csv"), "milliseconds")
    }

    #[test]
    fn columns_are_found_by_name_and_the_rest_passed_over() {
        let text =
            "op,other,milliseconds,layer\nE3_K3,x,0.5,0\n,,2,base_all_skip\n\nE3_K3,x,0.25,1 # measured\n";
        let table = parse(text).unwrap();
        for (layer, expected) in [(0, 0.5), (1, 0.25)] {
            assert!((table.milliseconds(layer, "E3_K3").unwrap() - expected).abs() < 1e-15);
        }
        assert!((table.base() - 2.0).abs() < 1e-15);
        assert!(table.milliseconds(0, "skip_connect").unwrap().abs() < 1e-15);
    }

    #[test]
    fn what_is_written_is_read() {
        let line = |layer, op: &str, milliseconds| Line {
            layer,
            op: op.into(),
            milliseconds,
            interval: [milliseconds / 2.0, milliseconds * 2.0],
        };
        let lines = [line(None, "", 2.5), line(Some(0), "E3_K3", 0.5), line(Some(1), "E3_K3", 0.25)];
        let text = write(&["a phone, 3 runs".into(), "two\nlines".into()], &lines);
        let table = parse(&text).unwrap();
        assert!((table.base() - 2.5).abs() < 1e-12);
        assert!((table.milliseconds(1, "E3_K3").unwrap() - 0.25).abs() < 1e-12);
        let high = LatencyTable::parse(&text, Path::new("t.csv"), "high").unwrap();
        assert!((high.milliseconds(0, "E3_K3").unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let message = |text: &str| parse(text).unwrap_err().to_string();
        let header = "layer,op,milliseconds\n";
        assert!(message("layer,op,ms\n").contains("line 1: expected a column milliseconds"));
        assert!(message("").contains("line 1: expected a column layer"));
        assert!(
            message(&format!("{header}0,a,fast\n"))
                .contains("line 2: expected a number of milliseconds, found \"fast\"")
        );
        assert!(message(&format!("{header}0,a\n")).contains("line 2"));
        assert!(message(&format!("{header}0,a,nan\n")).contains("line 2"));
        assert!(message(&format!("{header}first,a,1\n")).contains("a layer's number"));
        assert!(message(&format!("{header}0,a,1\n0,a,2\n")).contains("line 3: expected each operation"));
        let missing = parse(header).unwrap().milliseconds(3, "E3_K3").unwrap_err().to_string();
        assert!(missing.contains("E3_K3 of layer 3") && missing.contains("t.csv"), "{missing}");
    }
}
