//! What can be wrong with a data set.

use std::path::PathBuf;

use super::Split;
use crate::input;

/// Why a data set, or a picture of it, cannot be had. The text fits "failed to …"; where there is a `source`, it says
/// the rest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data source is of no known kind.
    #[error("find data source {given:?}{hint}")]
    UnknownKind {
        /// As it was given.
        given: String,
        /// `"; did you mean …?"`, or the list of kinds.
        hint: String,
    },
    /// The kind needs a folder and none was given.
    #[error("open data source {kind}: it needs a folder, as {kind}:DIR")]
    NeedsFolder {
        /// The kind.
        kind: &'static str,
    },
    /// The kind has no folder and one was given.
    #[error("open data source {kind}: it takes no folder, found {folder}")]
    TakesNoFolder {
        /// The kind.
        kind: &'static str,
        /// What was given.
        folder: PathBuf,
    },
    /// The folder is not there, or is a file.
    #[error("open folder {folder}: there is no such folder")]
    MissingFolder {
        /// Its path.
        folder: PathBuf,
    },
    /// None of the files that would do is there.
    #[error("find data in folder {folder}: looked for {}", .wanted.join(", "))]
    MissingFile {
        /// The folder.
        folder: PathBuf,
        /// Names of the files; one of them is needed.
        wanted: Vec<String>,
    },
    /// The operating system says no.
    #[error("read {path}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Compressed data that is damaged or cut short.
    #[error("unpack {path}, compressed data from byte {offset}")]
    Unpack {
        /// The file.
        path: PathBuf,
        /// Where the compressed data begins.
        offset: usize,
        /// Why.
        source: std::io::Error,
    },
    /// A file of records that does not hold a whole number of them.
    #[error(
        "read {path}: expected one or more records of {record} bytes, found {} whole ones and {} bytes more",
        .found / .record, .found % .record
    )]
    Records {
        /// The file.
        path: PathBuf,
        /// Bytes per record.
        record: usize,
        /// Bytes in the file.
        found: usize,
    },
    /// A label that names no class.
    #[error(
        "read {path}: expected a label from {low} to {high} in record {record} (counted from 0), found {found}"
    )]
    Label {
        /// The file.
        path: PathBuf,
        /// Which record, from 0.
        record: usize,
        /// Least label of the format.
        low: u8,
        /// Greatest label of the format.
        high: u8,
        /// The label.
        found: String,
    },
    /// Bytes that are not what the format has at that place.
    #[error("read {path} at byte {offset}: expected {expected}, found {found}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Which byte of it: of a .gz file after unpacking, in a MATLAB variable where that begins.
        offset: usize,
        /// What the format has there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Pictures and labels that differ in number.
    #[error("read {images}: it holds {pictures} pictures, and {labels} holds {labelled} labels")]
    Counts {
        /// File of the pictures.
        images: PathBuf,
        /// How many it holds.
        pictures: usize,
        /// File of the labels.
        labels: PathBuf,
        /// How many it holds.
        labelled: usize,
    },
    /// A list of class names that is too long, too short, or has gaps.
    #[error("read {path}: expected {expected} class names, one a line, found {found} lines")]
    ClassNames {
        /// The file.
        path: PathBuf,
        /// How many classes there are.
        expected: usize,
        /// Lines found.
        found: usize,
    },
    /// A MATLAB file without a variable.
    #[error("read {path}: expected a variable {name:?}, found {}", if .found.is_empty() { "none".into() } else { .found.join(", ") })]
    Variable {
        /// The file.
        path: PathBuf,
        /// The variable.
        name: &'static str,
        /// Variables that are there.
        found: Vec<String>,
    },
    /// A MATLAB variable of another shape or type.
    #[error("read {path}: expected variable {name:?} to be {expected}, found {found}")]
    VariableForm {
        /// The file.
        path: PathBuf,
        /// The variable.
        name: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A folder of images without the expected subfolders.
    #[error(
        "find {split} pictures in folder {folder}: expected {folder}/{}/CLASS/*.jpg|jpeg|png",
        if *.split == Split::Train { "train" } else { "test or val" }
    )]
    Layout {
        /// The folder.
        folder: PathBuf,
        /// The split asked for.
        split: Split,
    },
    /// A class without pictures.
    #[error("find pictures in class folder {folder}: it holds no .jpg, .jpeg or .png file")]
    EmptyClass {
        /// Its folder.
        folder: PathBuf,
    },
    /// Test classes that are not the training classes.
    #[error(
        "match the test classes in folder {folder} to its train classes: missing {missing:?}, only in test {extra:?}"
    )]
    Classes {
        /// The folder of both.
        folder: PathBuf,
        /// Classes that only train has.
        missing: Vec<String>,
        /// Classes that only test has.
        extra: Vec<String>,
    },
    /// More classes than a label can name.
    #[error("read folder {folder}: expected at most 65536 classes, found {found}")]
    TooManyClasses {
        /// The folder.
        folder: PathBuf,
        /// Its subfolders.
        found: usize,
    },
    /// A file that is no picture, or a damaged one.
    #[error("decode picture {path}")]
    Picture {
        /// The file.
        path: PathBuf,
        /// Why.
        source: image::ImageError,
    },
    /// A line of a list of labels.
    #[error("read {path}, line {line}: {problem}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A picture that would fill the memory.
    #[error("decode picture {path}: it has {width} x {height} pixels, more than {limit}; scale it down")]
    Huge {
        /// The file.
        path: PathBuf,
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// The most pixels that are decoded.
        limit: u64,
    },
    /// A picture that cannot be made into the network's input.
    #[error("fit {picture} to the network's input")]
    Fit {
        /// Where it comes from.
        picture: String,
        /// Why.
        source: input::Error,
    },
}
