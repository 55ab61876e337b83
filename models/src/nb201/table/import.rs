//! From the benchmark's CSV to a table.

use std::fs;
use std::path::Path;

use super::column::Column;
use super::error::{Error, ImportProblem};
use super::format::{Values, encode};
use crate::nb201::{Architecture, COUNT};

/// A table that is not written yet.
#[derive(Debug)]
pub struct Imported {
    /// The bytes of its file.
    pub bytes: Vec<u8>,
    /// Columns of the CSV that the table has no place for.
    pub ignored: Vec<String>,
}

/// Reads the benchmark's CSV: a header line, then a line for each of the 15,625 architectures in any order, with the columns
/// `arch`, `code` and all of [`Column::all`] in any order. Values are rounded to the decimals of their column.
///
/// # Errors
/// When the file cannot be read, a column, an architecture or a value is missing or wrong, or an architecture is there
/// twice; names line and column.
pub fn import(path: &Path) -> Result<Imported, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Io { path: path.into(), source })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    parse(text).map_err(|problem| Error::Import { path: path.into(), problem: Box::new(problem) })
}

pub(super) fn parse(text: &str) -> Result<Imported, ImportProblem> {
    let mut lines = (1..).zip(text.lines());
    let header = Header::read(lines.next().map_or("", |(_, line)| line))?;
    let mut rows = Rows::new();
    for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        rows.add(&header, line, &fields(text))?;
    }
    Ok(Imported { bytes: encode(&rows.finish()?), ignored: header.ignored })
}

/// The fields of a line. None of the benchmark's has a comma in it.
fn fields(line: &str) -> Vec<&str> {
    let unquoted = |field: &str| field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).is_some();
    let strip = |field| if unquoted(field) { &field[1..field.len() - 1] } else { field };
    line.split(',').map(|field| strip(field.trim())).collect()
}

/// Which field is what.
struct Header {
    count: usize,
    arch: usize,
    code: usize,
    columns: Vec<usize>,
    ignored: Vec<String>,
}

impl Header {
    fn read(line: &str) -> Result<Self, ImportProblem> {
        let names = fields(line);
        let place = |name: &'static str| {
            let place = names.iter().position(|&found| found == name);
            place.ok_or_else(|| ImportProblem::MissingColumn { name, found: shortened(line) })
        };
        let [arch, code] = [place("arch")?, place("code")?];
        let columns = Column::all().map(|column| place(column.name())).collect::<Result<Vec<_>, _>>()?;
        let used = |at: &usize| *at == arch || *at == code || columns.contains(at);
        let ignored = (0..names.len()).filter(|at| !used(at)).map(|at| names[at].to_string()).collect();
        Ok(Self { count: names.len(), arch, code, columns, ignored })
    }
}

/// The beginning of what may be anything.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(100) {
        Some((end, _)) => format!("{:?} ...", &line[..end]),
        None => format!("{line:?}"),
    }
}

/// What was read so far.
struct Rows {
    by_rank: Vec<Option<Values>>,
    /// The line of each architecture, by rank.
    lines: Vec<usize>,
    /// The line of each index.
    indices: Vec<usize>,
}

impl Rows {
    fn new() -> Self {
        Self { by_rank: vec![None; COUNT], lines: vec![0; COUNT], indices: vec![0; COUNT] }
    }

    fn add(&mut self, header: &Header, line: usize, fields: &[&str]) -> Result<(), ImportProblem> {
        if fields.len() != header.count {
            return Err(ImportProblem::Fields { line, expected: header.count, found: fields.len() });
        }
        let architecture = architecture(header, line, fields)?;
        let rank = architecture.rank();
        claim(&mut self.lines[rank], line, || architecture.to_string())?;
        let mut values = [0; Column::COUNT];
        for ((column, value), &at) in Column::all().zip(&mut values).zip(&header.columns) {
            *value = number(column, fields[at]).ok_or_else(|| ImportProblem::Value {
                line,
                column: column.name(),
                expected: expected(column),
                found: fields[at].into(),
            })?;
        }
        let index = values[Column::INDEX.place()];
        claim(&mut self.indices[index as usize], line, || format!("index {index}"))?;
        self.by_rank[rank] = Some(values);
        Ok(())
    }

    fn finish(self) -> Result<Vec<Values>, ImportProblem> {
        let missing = self.by_rank.iter().filter(|row| row.is_none()).count();
        let first = Architecture::all().zip(&self.by_rank).find(|(_, row)| row.is_none());
        match first {
            Some((first, _)) => {
                Err(ImportProblem::MissingRows { missing, first: first.to_string(), code: first.code() })
            }
            None => Ok(self.by_rank.into_iter().flatten().collect()),
        }
    }
}

/// Notes that this line has something that only one line may have; lines count from 1.
fn claim(taken: &mut usize, line: usize, what: impl Fn() -> String) -> Result<(), ImportProblem> {
    if *taken > 0 {
        return Err(ImportProblem::Duplicate { line, what: what(), first: *taken });
    }
    *taken = line;
    Ok(())
}

fn architecture(header: &Header, line: usize, fields: &[&str]) -> Result<Architecture, ImportProblem> {
    let read = |column, at: usize| {
        let wrong = |problem| ImportProblem::Architecture { line, column, problem };
        Architecture::parse(fields[at]).map_err(wrong)
    };
    let (arch, code) = (read("arch", header.arch)?, read("code", header.code)?);
    if arch == code {
        return Ok(arch);
    }
    let [expected, found] = [arch.code(), code.code()];
    Err(ImportProblem::Disagree { line, arch: arch.to_string(), expected, found })
}

/// A value in units of the column's last decimal; none where it is no number, or out of the column's range.
fn number(column: Column, text: &str) -> Option<u32> {
    let value: f64 = text.parse().ok()?;
    let units = (value * column.scale()).round();
    let whole = column.decimals() > 0 || value.fract() == 0.0;
    let fits = (0.0..=most(column)).contains(&value) && units <= f64::from(u32::MAX);
    (fits && whole).then_some(units as u32)
}

fn most(column: Column) -> f64 {
    if column == Column::INDEX {
        (COUNT - 1) as f64
    } else if column.is_accuracy() {
        100.0
    } else {
        (f64::from(u32::MAX) / column.scale()).floor()
    }
}

fn expected(column: Column) -> String {
    let kind = if column.decimals() > 0 { "number" } else { "whole number" };
    format!("a {kind} from 0 to {}", most(column))
}
