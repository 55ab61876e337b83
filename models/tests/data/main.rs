//! Data readers and the input spec: on real data, on golden pictures, and on damaged files.
//!
//! Real data lies in `NOISYDARTS_TEST_DATA`, default `../shared/data` from the project's root; a test says so on stderr
//! and passes where it is absent. Its check values were computed with numpy and scipy, not with this code.
#![allow(clippy::unwrap_used)]

mod cifar;
mod dataset;
mod decode;
mod embedded;
mod folder;
mod idx;
mod listed;
mod resize;
mod source;
mod spec;
mod svhn;

use std::path::{Path, PathBuf};

use models::data::{Dataset, Error, Source, Split};

/// A folder of real data, or `None` with a line on stderr.
fn real(name: &str) -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let root = std::env::var_os("NOISYDARTS_TEST_DATA").map_or(default, PathBuf::from);
    let folder = root.join(name);
    if !folder.exists() {
        eprintln!("skipped: no {}", folder.display());
        return None;
    }
    Some(folder)
}

fn source(kind: &str, folder: &Path) -> Source {
    format!("{kind}:{}", folder.display()).parse().unwrap()
}

fn load(kind: &str, folder: &Path, split: Split) -> Result<Dataset, Error> {
    source(kind, folder).load(split)
}

/// An error with its causes, as a program prints it.
fn text(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Asserts that loading fails and that the message has all these parts.
fn assert_fails(loaded: Result<Dataset, Error>, parts: &[&str]) {
    let message = text(&loaded.unwrap_err());
    for part in parts {
        assert!(message.contains(part), "expected {part:?} in: {message}");
    }
    assert!(message.starts_with(char::is_lowercase), "{message}");
}

/// Sum of all bytes, and of all bytes times their index `(row * width + column) * channels + channel`, which sees order.
fn sums(dataset: &Dataset) -> (u64, u64) {
    let pictures = (0..dataset.len()).map(|i| dataset.picture(i).unwrap().data);
    let sums = pictures.map(|data| {
        let weighted = data.iter().zip(0..).map(|(x, i)| u64::from(*x) * i).sum::<u64>();
        (data.iter().map(|x| u64::from(*x)).sum::<u64>(), weighted)
    });
    sums.fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
}

fn class_counts(dataset: &Dataset) -> Vec<usize> {
    let mut counts = vec![0; dataset.classes.len()];
    (0..dataset.len()).for_each(|i| counts[dataset.label(i)] += 1);
    counts
}

/// The pixel at row 3, column 17 of the last picture.
fn last_pixel(dataset: &Dataset) -> Vec<u8> {
    let picture = dataset.picture(dataset.len() - 1).unwrap();
    let at = (3 * picture.width + 17) * picture.channels;
    picture.data[at..at + picture.channels].to_vec()
}
