//! Tables as published, each a file: `evaluate/tables/NAME.json`.

use models::conventions::{self, CONVENTIONS, Convention, Term};
use models::error::Error;
use models::network::Network;
use models::spaces::skeleton::Stem;
use models::zoo::{self, Options};
use serde::Deserialize;

/// A published table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    pub(super) title: String,
    /// The publication.
    pub(super) source: String,
    /// Heads of the published columns.
    pub(super) heads: Vec<String>,
    /// Number of columns, from the first one, that hold words.
    #[serde(default = "one")]
    pub(super) words: usize,
    /// The columns that can be counted.
    pub(super) counted: Option<Counted>,
    /// Columns that are statistics of the same runs.
    pub(super) best_of: Option<BestOf>,
    pub(super) rows: Vec<Row>,
    pub(super) notes: Vec<Note>,
}

/// Heads of the columns of millions that networks are counted for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Counted {
    pub(super) params: String,
    pub(super) macs: String,
}

/// Two columns about the same runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BestOf {
    /// Number of runs.
    pub(super) runs: u32,
    /// Head of the column of mean and standard deviation.
    pub(super) mean: String,
    /// Head of the column of the best run.
    pub(super) best: String,
}

/// A published row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    /// Cell by cell, as it is printed.
    pub(super) published: Vec<String>,
    /// What the row is about, where its definition is public.
    pub(super) network: Option<Networks>,
    /// The convention that gives the published multiply-adds, where one does.
    pub(super) convention: Option<String>,
    /// Marks of our notes about the row.
    #[serde(default)]
    pub(super) notes: Vec<String>,
}

/// A note below the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    /// None where it is about the whole table.
    pub(super) mark: Option<String>,
    pub(super) text: String,
    /// The figures that it explains; empty for the notes of the publication.
    #[serde(default)]
    pub(super) about: Vec<About>,
    /// What its numbers come from: counted and printed after the text.
    pub(super) network: Option<Networks>,
}

/// What a note explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum About {
    Params,
    Macs,
    Accuracy,
}

/// Networks of the zoo, all built alike.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Networks {
    /// Names; of several the mean is meant.
    pub(super) zoo: Vec<String>,
    #[serde(default = "cifar")]
    skeleton: Stem,
    channels: Option<usize>,
    cells: Option<usize>,
    classes: Option<usize>,
    /// Height and width of the input.
    size: Option<usize>,
}

/// Convolutions, linear layers, and four operations for each output of an average pool: an old thop on
/// networks whose batch norms were taken out.
static WITH_AVERAGE_POOLS: Convention = Convention {
    name: "with_average_pool",
    title: "conv + linear + average pools",
    rule: &[(Term::ConvLinear, 1), (Term::AverageOut, 4)],
};

/// Pairs each name with its file.
macro_rules! tables {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../tables/", $name, ".json")))),*]
    };
}

/// Every table, in the order of the paper.
pub(super) const TABLES: &[(&str, &str)] =
    tables!["paper-1-left", "paper-1-right", "paper-2", "paper-3", "paper-4", "paper-5"];

/// The tables of this name: one, or the halves of the first.
pub(super) fn by_name(name: &str) -> Result<Vec<(&'static str, Data)>, Error> {
    let is_half =
        |table: &str| table.strip_prefix(name).is_some_and(|half| ["-left", "-right"].contains(&half));
    let found = TABLES.iter().filter(|(table, _)| *table == name || is_half(table));
    let found: Vec<_> =
        found.map(|&(table, text)| Ok((table, parse(table, text)?))).collect::<Result<_, _>>()?;
    if found.is_empty() {
        let names: Vec<&str> = std::iter::once("paper-1").chain(TABLES.iter().map(|(name, _)| *name)).collect();
        return Err(Error::unknown("table", name, &names));
    }
    Ok(found)
}

/// Reads a table's file. The tests of this crate rule out that it is wrong.
pub(super) fn parse(name: &str, text: &str) -> Result<Data, Error> {
    serde_json::from_str(text).map_err(|error| Error::Parse {
        line: error.line(),
        column: error.column(),
        expected: format!("table {name}"),
        found: error.to_string(),
    })
}

/// The convention of this name.
pub(super) fn convention(name: &str) -> Result<&'static Convention, Error> {
    let own = Some(&WITH_AVERAGE_POOLS).filter(|own| own.name == name);
    own.or_else(|| conventions::by_name(name)).ok_or_else(|| {
        let known: Vec<&str> = CONVENTIONS.iter().map(|convention| convention.name).collect();
        Error::unknown("convention", name, &known)
    })
}

impl Networks {
    /// Builds them.
    pub(super) fn build(&self) -> Result<Vec<Network>, Error> {
        let options = Options {
            stem: self.skeleton,
            channels: self.channels,
            cells: self.cells,
            classes: self.classes,
            size: self.size.map(|size| [size; 2]),
            auxiliary: false,
        };
        self.zoo.iter().map(|name| zoo::network(name, &options)).collect()
    }

    /// Their names on the command line.
    pub(super) fn names(&self) -> Vec<String> {
        self.zoo.iter().map(|name| format!("zoo:{name}")).collect()
    }
}

impl Row {
    /// The published cell below this head.
    pub(super) fn cell(&self, data: &Data, head: &str) -> Option<&str> {
        let column = data.heads.iter().position(|known| known == head)?;
        self.published.get(column).map(String::as_str)
    }
}

fn cifar() -> Stem {
    Stem::Cifar
}

fn one() -> usize {
    1
}
