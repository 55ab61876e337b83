//! `noisydarts-search nb201`: the table of `NAS-Bench-201`.

mod check;
mod print;

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use models::files::write_atomic;
use models::genotype;
use models::nb201::table::{self, Column, Row, Table};
use models::nb201::{Architecture, COUNT};
use serde_json::json;

use crate::error::Error;

use super::common::say;
use super::{Done, Ended};

/// Names the table where `--table` does not.
const VARIABLE: &str = "NOISYDARTS_NB201";

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make a table from the benchmark's CSV.
    Import {
        /// A header line and one line per architecture.
        csv: PathBuf,
        /// Table to write.
        #[arg(long, short, value_name = "FILE")]
        out: PathBuf,
    },
    /// What an architecture reaches.
    Query(One),
    /// The place of an architecture among all, by each accuracy.
    Rank(One),
    /// The best architectures.
    Top {
        #[command(flatten)]
        source: Source,
        /// Column to go by: the highest accuracy, the lowest of all else.
        #[arg(long, default_value = "cifar10_test", value_name = "COLUMN")]
        by: String,
        /// How many.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=COUNT as i64))]
        count: u16,
        /// Text for people, JSON or CSV with all columns for programs.
        #[arg(long, value_enum, default_value_t = ListFormat::Text)]
        format: ListFormat,
    },
    /// Compare the table's parameters and MACs with their formulas; exit status 3 where they differ without explanation.
    Check {
        #[command(flatten)]
        source: Source,
        /// Text for people, JSON for programs.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

#[derive(clap::Args, Debug)]
struct One {
    /// |op~0|+|op~0|op~1|+|op~0|op~1|op~2|, six digits from 0 to 4, an index of the benchmark, or a genotype file.
    architecture: String,
    #[command(flatten)]
    source: Source,
    /// Text for people, JSON for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Where the table is.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Source {
    /// Table of NAS-Bench-201, made by `nb201 import`; by default what NOISYDARTS_NB201 names.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    Text,
    Json,
    Csv,
}

impl Source {
    /// The table, where one is named.
    pub(super) fn open_named(&self) -> Result<Option<Table>, Error> {
        let variable = || std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let path = self.table.clone().or_else(variable);
        Ok(path.map(|path| Table::open(&path)).transpose()?)
    }

    fn open(&self) -> Result<Table, Error> {
        self.open_named()?.ok_or_else(|| Error::Setting {
            key: "--table",
            found: "nothing".into(),
            expected: "a file made by `noisydarts-search nb201 import CSV -o FILE`, here or in NOISYDARTS_NB201",
        })
    }
}

pub(super) fn nb201(args: &Args, quiet: bool) -> Done {
    match &args.command {
        Command::Import { csv, out } => import(csv, out, quiet),
        Command::Query(one) => one.show(print::row_text, print::row_json),
        Command::Rank(one) => one.show(print::places_text, print::places_json),
        Command::Top { source, by, count, format } => top(&source.open()?, by, (*count).into(), *format),
        Command::Check { source, format } => Ok(check::check(&source.open()?, *format)),
    }
}

fn import(csv: &Path, out: &Path, quiet: bool) -> Done {
    let imported = table::import(csv)?;
    if !imported.ignored.is_empty() {
        say(quiet, &format!("without the columns {}", imported.ignored.join(", ")));
    }
    write_atomic(out, &imported.bytes).map_err(|source| Error::io("write", out, source))?;
    put_line!("{}", json!({ "table": out, "architectures": COUNT, "bytes": imported.bytes.len() }));
    Ok(Ended::Done)
}

fn top(table: &Table, by: &str, count: usize, format: ListFormat) -> Done {
    let column = Column::by_name(by)?;
    let rows = table.top(column, count);
    let text = match format {
        ListFormat::Text => print::list_text(&rows, column),
        ListFormat::Json => print::list_json(&rows, column),
        ListFormat::Csv => print::list_csv(&rows),
    };
    put!("{text}");
    Ok(Ended::Done)
}

impl One {
    fn show(&self, text: impl Fn(Row<'_>) -> String, json: impl Fn(Row<'_>) -> serde_json::Value) -> Done {
        let table = self.source.open()?;
        let row = row(&table, &self.architecture)?;
        match self.format {
            Format::Text => put!("{}", text(row)),
            Format::Json => put_line!("{}", json(row)),
        }
        Ok(Ended::Done)
    }
}

/// The row that the user means. Six digits are a code; an index has at most five.
fn row<'a>(table: &'a Table, text: &str) -> Result<Row<'a>, Error> {
    if !text.is_empty() && text.len() < 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let found = text.parse().ok().and_then(|index| table.by_index(index));
        return Ok(found.ok_or_else(|| unknown(text, "; known: 0 to 15624"))?);
    }
    let path = Path::new(text);
    let architecture = if path.is_file() {
        let other_space = || unknown(text, ": it is a genotype of another space");
        genotype::read(path)?.nb201().ok_or_else(other_space)?
    } else {
        Architecture::parse(text)?
    };
    Ok(table.row(architecture))
}

fn unknown(name: &str, hint: &str) -> models::error::Error {
    models::error::Error::Unknown { kind: "NAS-Bench-201 architecture", name: name.into(), hint: hint.into() }
}
