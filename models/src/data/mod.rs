//! Labelled pictures: a [`Source`] names them, [`Dataset`] holds one split of them.
//!
//! ```
//! use models::data::{Source, Split};
//! let source: Source = "embedded".parse()?;
//! let test = source.load(Split::Test)?.take_balanced(20);
//! let pixels = test.pixels(&source.input())?;
//! assert_eq!((pixels.len(), pixels.size), (20, [28, 28]));
//! # Ok::<(), models::data::Error>(())
//! ```
//! A format is one file in this folder and its name in [`FORMATS`].

mod cifar;
mod dataset;
mod decode;
mod embedded;
mod error;
mod file;
mod folder;
mod idx;
mod listed;
mod mat;
mod picture;
mod source;
mod svhn;

pub use dataset::Dataset;
pub use error::Error;
pub use listed::{class_names, listed};
pub use picture::{Picture, Pixels};
pub use source::{FORMATS, Format, Source};

/// Which part of a data set: what is learnt from, or what it is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// Training pictures; a search divides them further, into its own two halves.
    Train,
    /// Test pictures, never trained on.
    Test,
}

impl std::fmt::Display for Split {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Test => "test",
        })
    }
}
