//! What a network is made of, by its name on the command line.

use std::path::Path;

use super::{Entry, Options};
use crate::error::Error;
use crate::genotype::{Genotype, ReadError};
use crate::network::Network;
use crate::spaces;
use crate::spaces::mobilenet::{self, MobileNet};

/// What stands before the name of a network of the zoo.
const ZOO: &str = "zoo:";
/// What stands before the choices of the 19-layer network.
const BACKBONE: &str = "noisydarts-mobile:";
/// What stands before a width.
const MOBILENET_V2: &str = "mobilenet-v2-";

/// What a network is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    /// Two cells, to be put on a skeleton.
    Cells(Genotype),
    /// Blocks of a mobile network, which stands by itself.
    Mobile(MobileNet),
}

impl Definition {
    /// Reads any text form: genotypes in JSON and Python, mobile networks in timm's block strings.
    ///
    /// # Errors
    /// Names line, column and what was expected there.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if mobilenet::is_text(text) {
            MobileNet::parse(text).map(Self::Mobile)
        } else {
            Genotype::parse(text).map(Self::Cells)
        }
    }

    /// Reads a file of any text form.
    ///
    /// # Errors
    /// With the path: when the file cannot be read, or as [`Definition::parse`].
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ReadError::Io { path: path.into(), source })?;
        Self::parse(&text).map_err(|source| ReadError::Parse { path: path.into(), source })
    }

    /// The definition behind a name of the zoo: an entry, `mobilenet-v2-W` at width W, or the 19-layer network
    /// of the paper's `ImageNet` search by its choices, `noisydarts-mobile:E6_K3,skip,...`.
    ///
    /// # Errors
    /// When there is none; suggests the nearest.
    pub fn of_zoo(name: &str) -> Result<Self, Error> {
        if let Some(choices) = name.strip_prefix(BACKBONE) {
            return mobilenet::backbone(choices).map(Self::Mobile);
        }
        let width = name.strip_prefix(MOBILENET_V2).and_then(|width| width.parse().ok());
        match (super::by_name(name), width) {
            (Ok(entry), _) => entry.definition(),
            (Err(_), Some(width)) => mobilenet_v2(width),
            (Err(error), None) => Err(error),
        }
    }

    /// The network: cells on the skeleton that the options describe, mobile networks by themselves.
    ///
    /// # Errors
    /// When a size does not fit, or the options ask a mobile network for what only cell networks have.
    pub fn network(&self, name: &str, options: &Options) -> Result<Network, Error> {
        match self {
            Self::Cells(genotype) => spaces::of(genotype).derived(name, genotype, &options.skeleton(genotype)),
            Self::Mobile(mobile) => {
                options.check_mobile(name)?;
                let classes = options.classes.unwrap_or(mobile.classes);
                let size = options.size.unwrap_or(mobile.size);
                MobileNet { size, classes, ..mobile.clone() }.network(name)
            }
        }
    }

    /// The cells.
    ///
    /// # Errors
    /// When it is a mobile network, which has blocks instead of cells.
    pub fn cells(self, name: &str) -> Result<Genotype, Error> {
        match self {
            Self::Cells(genotype) => Ok(genotype),
            Self::Mobile(_) => Err(Error::Unknown {
                kind: "the cells of",
                name: name.into(),
                hint: "; it is a mobile network, which has none".into(),
            }),
        }
    }
}

/// `MobileNetV2` at this width.
fn mobilenet_v2(width: f64) -> Result<Definition, Error> {
    if !(0.1..=10.0).contains(&width) {
        let expected = "0.1 to 10".into();
        return Err(Error::Size { what: "width", expected, found: width.to_string() });
    }
    match super::by_name("mobilenet-v2").and_then(Entry::definition)? {
        Definition::Mobile(mobile) => Ok(Definition::Mobile(mobile.scaled(width))),
        cells @ Definition::Cells(_) => Ok(cells),
    }
}

/// A definition as named on the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Its name in the zoo; none for a file.
    pub zoo: Option<String>,
    /// What it is.
    pub definition: Definition,
}

/// The name in the zoo that `zoo:NAME` gives; none for the name of a file.
#[must_use]
pub fn name_of(name: &str) -> Option<&str> {
    name.strip_prefix(ZOO)
}

/// Resolves `zoo:NAME`, otherwise the path of a genotype or block-string file.
///
/// # Errors
/// When there is no such network or file, or the file cannot be understood.
pub fn open(name: &str) -> Result<Named, ReadError> {
    match name_of(name) {
        Some(entry) => Ok(Named { zoo: Some(entry.into()), definition: Definition::of_zoo(entry)? }),
        None => Ok(Named { zoo: None, definition: Definition::read(Path::new(name))? }),
    }
}
