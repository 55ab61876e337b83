//! Which data: `embedded`, `cifar10:DIR`, …

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{Dataset, Error, Split, cifar, embedded, folder, idx, svhn};
use crate::error::suggestion;
use crate::input::InputSpec;

/// Every data format. Its file is in this folder.
pub const FORMATS: &[&dyn Format] = &[
    &embedded::Embedded,
    &cifar::CIFAR10,
    &cifar::CIFAR100,
    &svhn::Svhn,
    &idx::MNIST,
    &idx::FASHION_MNIST,
    &folder::Folder,
];

/// One way in which data sets are stored.
pub trait Format: Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;

    /// One line on what it is and which files it wants.
    fn about(&self) -> &'static str;

    /// Whether it reads a folder.
    fn needs_folder(&self) -> bool {
        true
    }

    /// Size and normalisation that are usual for this data.
    fn input(&self) -> InputSpec;

    /// Reads one split. `folder` is empty where none is needed.
    ///
    /// # Errors
    /// When the files are missing or damaged.
    fn load(&self, folder: &Path, split: Split) -> Result<Dataset, Error>;
}

/// Where pictures come from. Its text form is `KIND` or `KIND:DIR`, one of [`FORMATS`].
#[derive(Clone)]
pub struct Source {
    format: &'static dyn Format,
    folder: PathBuf,
}

impl Source {
    /// Reads one split.
    ///
    /// # Errors
    /// When a file is missing or damaged; the message names it and the place in it.
    pub fn load(&self, split: Split) -> Result<Dataset, Error> {
        self.format.load(&self.folder, split)
    }

    /// The input spec that is usual for this data: its own size, and its mean and standard deviation.
    #[must_use]
    pub fn input(&self) -> InputSpec {
        self.format.input()
    }

    /// The folder it is in; empty where none is needed.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How it is stored.
    #[must_use]
    pub fn format(&self) -> &'static dyn Format {
        self.format
    }
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (kind, folder) = text.split_once(':').unwrap_or((text, ""));
        let format =
            FORMATS.iter().copied().find(|format| format.name() == kind).ok_or_else(|| unknown(text, kind))?;
        match (format.needs_folder(), folder.is_empty()) {
            (true, true) => Err(Error::NeedsFolder { kind: format.name() }),
            (false, false) => Err(Error::TakesNoFolder { kind: format.name(), folder: folder.into() }),
            _ => Ok(Self { format, folder: folder.into() }),
        }
    }
}

fn unknown(given: &str, kind: &str) -> Error {
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
    Error::UnknownKind { given: given.into(), hint: suggestion(kind, &names) }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.format.name())?;
        if self.format.needs_folder() { write!(f, ":{}", self.folder.display()) } else { Ok(()) }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({self})")
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        (self.format.name(), &self.folder) == (other.format.name(), &other.folder)
    }
}

impl Eq for Source {}
