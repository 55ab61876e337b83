//! What a weights file says about itself: the metadata that `noisydarts-search train` writes.

use std::collections::HashMap;
use std::path::Path;

use models::genotype::Genotype;
use models::input::{CHANNELS, InputSpec};
use models::network::Network;
use models::shape::Shape;
use models::spaces::skeleton::{Skeleton, Stem};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::Error;

/// The one version of the metadata so far.
const SCHEMA: &str = "1";

/// What is known about weights. Each part may be unknown; all are where `noisydarts-search train` wrote the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The cells.
    pub genotype: Option<Genotype>,
    /// What surrounds them, auxiliary head included where its weights are in the file.
    pub skeleton: Option<Skeleton>,
    /// How a picture becomes an input.
    pub input: Option<InputSpec>,
    /// Names of the classes, in the order of the logits.
    pub classes: Option<Vec<String>>,
    /// JSON text: the accuracy reached, and on what data.
    pub accuracy: Option<String>,
    /// Whether the weights are trained.
    pub trained: Option<bool>,
}

/// The entry `network`.
#[derive(Deserialize)]
struct Record {
    skeleton: String,
    channels: usize,
    cells: usize,
    classes: usize,
    size: [usize; 2],
    auxiliary: bool,
}

impl Summary {
    /// Reads the metadata of the file at `path`. Metadata without the entry `schema` is another program's, and ignored.
    ///
    /// # Errors
    /// [`Error::Metadata`], which names the entry at fault.
    pub(super) fn parse(path: &Path, metadata: Option<&HashMap<String, String>>) -> Result<Self, Error> {
        let entry = |key: &'static str| Entry {
            path,
            key,
            text: metadata.and_then(|entries| entries.get(key)).map(String::as_str),
        };
        if entry("schema").read(known_schema)?.is_none() {
            return Ok(Self::default());
        }
        Ok(Self {
            genotype: entry("genotype").read(Genotype::parse)?,
            skeleton: entry("network").read(skeleton)?,
            input: entry("input").read(InputSpec::from_json)?,
            classes: entry("classes").read(serde_json::from_str)?,
            accuracy: entry("accuracy").read(json)?,
            trained: entry("trained").read(serde_json::from_str)?,
        })
    }

    /// Checks that the summary of `weights` can be that of `network`: as many class names as logits, an input of its size.
    ///
    /// # Errors
    /// [`Error::Contradiction`].
    pub(crate) fn check(&self, network: &Network, weights: &str) -> Result<(), Error> {
        if let Some(classes) = &self.classes {
            Error::unless_equal(weights, "the number of class names", &classes.len(), &network.classes())?;
        }
        if let Some(InputSpec { size: [height, width], .. }) = self.input {
            Error::unless_equal(weights, "the input", &Shape::map(CHANNELS, height, width), &network.input())?;
        }
        Ok(())
    }
}

/// One entry of the metadata, where it is there.
struct Entry<'a> {
    path: &'a Path,
    key: &'static str,
    text: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn read<T, E: ToString>(self, parse: impl Fn(&'a str) -> Result<T, E>) -> Result<Option<T>, Error> {
        let problem =
            |error: E| Error::Metadata { path: self.path.into(), key: self.key, problem: error.to_string() };
        self.text.map(parse).transpose().map_err(problem)
    }
}

fn known_schema(text: &str) -> Result<(), String> {
    if text == SCHEMA {
        Ok(())
    } else {
        Err(format!("expected {SCHEMA:?}, found {text:?}; update this program"))
    }
}

fn json(text: &str) -> Result<String, serde_json::Error> {
    serde_json::from_str::<IgnoredAny>(text).map(|_| text.into())
}

fn skeleton(text: &str) -> Result<Skeleton, String> {
    let record: Record = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Record { skeleton, channels, cells, classes, size, auxiliary, .. } = record;
    let stem = Stem::by_name(&skeleton)
        .ok_or_else(|| format!("expected the skeleton cifar or imagenet, found {skeleton:?}"))?;
    Ok(Skeleton { stem, channels, cells, classes, size, auxiliary })
}
