//! Results for people and for programs.

pub(crate) mod scatter;
mod text;

use std::io::{self, Write as _};

use serde::Serialize;

pub(crate) use text::{Table, count, milliseconds, percent};

/// Form of the results on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For reading.
    #[default]
    Text,
    /// For programs: one document, names as in the text.
    Json,
}

/// A result that can be printed.
pub(crate) trait Report: Serialize {
    /// For reading: lines, each ended.
    fn text(&self) -> String;
}

/// Prints a report. A reader that has had enough (`| head`) is no error.
pub(crate) fn print(report: &impl Report, format: Format) -> io::Result<()> {
    let text = match format {
        Format::Text => report.text(),
        Format::Json => serde_json::to_string_pretty(report)? + "\n",
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}
