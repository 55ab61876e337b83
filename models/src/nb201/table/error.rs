//! What can be wrong with the benchmark's CSV, or with a table.

use std::path::PathBuf;

use super::format::VERSION;

/// Why there is no table. The text fits "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system says no.
    #[error("read {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The CSV is not the benchmark's.
    #[error("import {path}: {problem}")]
    Import {
        /// The CSV.
        path: PathBuf,
        /// What is wrong, where.
        problem: Box<ImportProblem>,
    },
    /// The file is no table, or a damaged one.
    #[error("open NAS-Bench-201 table {path}: {problem}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What is wrong, and the way out.
        problem: OpenProblem,
    },
}

/// What is wrong with a CSV. Lines count from 1, the header's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportProblem {
    /// The header lacks a column.
    #[error(
        "line 1: there is no column {name:?} among {found}; it must be the CSV of NAS-Bench-201 with one header line"
    )]
    MissingColumn {
        /// The column.
        name: &'static str,
        /// The header.
        found: String,
    },
    /// A line has more or fewer fields than the header.
    #[error("line {line}: expected {expected} fields as in the header, found {found}")]
    Fields {
        /// Its number.
        line: usize,
        /// Columns of the header.
        expected: usize,
        /// Fields of the line.
        found: usize,
    },
    /// An architecture that is none.
    #[error("line {line}, column {column:?}: {problem}")]
    Architecture {
        /// Its number.
        line: usize,
        /// `arch` or `code`.
        column: &'static str,
        /// What is wrong with it.
        problem: crate::error::Error,
    },
    /// Two columns name different architectures.
    #[error(
        "line {line}: columns \"arch\" and \"code\" disagree: {arch} has the code {expected}, found {found}"
    )]
    Disagree {
        /// Its number.
        line: usize,
        /// The architecture of `arch`.
        arch: String,
        /// Its code.
        expected: String,
        /// What `code` has.
        found: String,
    },
    /// A value that is no number, or none that the column can have.
    #[error("line {line}, column {column:?}: expected {expected}, found {found:?}")]
    Value {
        /// Its number.
        line: usize,
        /// The column's name.
        column: &'static str,
        /// What it may be.
        expected: String,
        /// The value.
        found: String,
    },
    /// Two lines with one architecture or one index.
    #[error("line {line}: {what} was on line {first} already")]
    Duplicate {
        /// The later line.
        line: usize,
        /// The architecture, or the index.
        what: String,
        /// The earlier line.
        first: usize,
    },
    /// Some architectures have no line.
    #[error("{missing} of 15625 architectures are missing, the first is {first} (code {code})")]
    MissingRows {
        /// How many.
        missing: usize,
        /// The one of the lowest code.
        first: String,
        /// Its code.
        code: String,
    },
}

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenProblem {
    /// It is another kind of file.
    #[error("{found}; `noisydarts-search nb201 import CSV -o FILE` makes a table")]
    NotATable {
        /// What it is instead.
        found: &'static str,
    },
    /// It was written by another version of this program.
    #[error("it has format {found} and this program reads format {known}; import the CSV again", known = VERSION)]
    Version {
        /// The number in the file.
        found: u32,
    },
    /// Bytes are missing at its end, or there are too many.
    #[error("it has {found} bytes of {expected}: it was cut short or added to; import the CSV again")]
    Length {
        /// Bytes by its header.
        expected: u64,
        /// Bytes.
        found: u64,
    },
    /// Its checksum does not fit.
    #[error("its checksum does not fit: it is damaged; import the CSV again")]
    Checksum,
    /// It is whole, but has other columns than it must.
    #[error("its column {place} is not {expected:?}: it is no table of this program; import the CSV again")]
    Column {
        /// Its place, from 1.
        place: usize,
        /// The column that belongs there.
        expected: &'static str,
    },
}
