//! Results for people and for programs.

pub(crate) mod bars;
mod csv;
pub(crate) mod html;
mod latex;
mod markdown;
pub(crate) mod matrix;
pub(crate) mod png;
pub(crate) mod scatter;
pub(crate) mod sheet;
mod table;
mod text;

use std::io::{self, Write as _};

use serde::Serialize;

pub(crate) use table::{Cell, Table};
pub(crate) use text::{count, milliseconds, percent};

/// Form of the results on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For reading.
    #[default]
    Text,
    /// For programs: one document, names as in the text.
    Json,
    /// For spreadsheets: RFC 4180, numbers as plain digits.
    Csv,
    /// For READMEs: tables as GitHub takes them.
    Markdown,
    /// For papers: tables for the package booktabs.
    Latex,
}

/// A result that can be printed.
pub(crate) trait Report: Serialize {
    /// Its tables, from which every format but JSON is made.
    fn tables(&self) -> Vec<Table>;

    /// For reading: lines, each ended.
    fn text(&self) -> String {
        text::render(&self.tables())
    }
}

/// Prints a report. A reader that has had enough (`| head`) is no error.
pub(crate) fn print(report: &impl Report, format: Format) -> io::Result<()> {
    let text = match format {
        Format::Text => report.text(),
        Format::Json => serde_json::to_string_pretty(report)? + "\n",
        Format::Csv => csv::render(&report.tables())?,
        Format::Markdown => markdown::render(&report.tables()),
        Format::Latex => latex::render(&report.tables()),
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}
