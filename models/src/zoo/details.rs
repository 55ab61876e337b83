//! The data file of an entry: where the network comes from, what was published, what it is.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use super::Definition;
use crate::conventions::{self, Convention};
use crate::error::Error;
use crate::genotype::Genotype;
use crate::spaces::mobilenet::MobileNet;

/// What the zoo knows about a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// Its name as people write it.
    pub title: String,
    /// Where the definition comes from: repository, file and name, or paper.
    pub source: String,
    /// What was published about it, in the order of importance; empty where nothing was.
    pub published: Vec<Published>,
    /// What else one should know, above all where published figures and definition disagree.
    pub note: String,
    /// The network itself; none where its layers were never published.
    pub definition: Option<Definition>,
}

/// Figures as one place published them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The paper, table or file.
    #[serde(rename = "in")]
    pub place: String,
    /// The data set that accuracy, classes and input size belong to.
    #[serde(rename = "on")]
    pub data: String,
    /// Parameters in millions.
    #[serde(rename = "params")]
    pub parameters: Option<f64>,
    /// Multiply-adds in millions.
    pub macs: Option<f64>,
    /// Top-1 accuracy in percent.
    pub top1: Option<f64>,
    /// How the multiply-adds were counted, where that is known.
    #[serde(default, deserialize_with = "convention")]
    pub convention: Option<&'static Convention>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    title: String,
    source: String,
    published: Vec<Published>,
    note: String,
    #[serde(borrow)]
    genotype: Option<&'a RawValue>,
    mobile: Option<MobileNet>,
}

fn convention<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'static Convention>, D::Error> {
    let name = String::deserialize(from)?;
    let found = conventions::by_name(&name);
    found.map(Some).ok_or_else(|| de::Error::custom(format!("unknown convention {name:?}")))
}

pub(super) fn parse(text: &str) -> Result<Details, Error> {
    let file: File<'_> = serde_json::from_str(text).map_err(|error| wrong(&error, "a zoo entry"))?;
    let definition = match (file.genotype, file.mobile) {
        (Some(genotype), None) => Some(Definition::Cells(Genotype::parse(genotype.get())?)),
        (None, Some(mobile)) => Some(Definition::Mobile(mobile)),
        (None, None) => None,
        (Some(_), Some(_)) => return Err(at(1, 1, "a genotype or a mobile network", "both")),
    };
    Ok(Details {
        title: file.title,
        source: file.source,
        published: file.published,
        note: file.note,
        definition,
    })
}

fn wrong(error: &serde_json::Error, expected: &str) -> Error {
    at(error.line(), error.column(), expected, &error.to_string())
}

fn at(line: usize, column: usize, expected: &str, found: &str) -> Error {
    Error::Parse { line, column, expected: expected.into(), found: found.into() }
}
