use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use models::data::Split::{Test, Train};
use tempfile::TempDir;

use super::{assert_fails, load};

fn idx(magic: u32, counts: &[u32], body: &[u8]) -> Vec<u8> {
    let words = std::iter::once(&magic).chain(counts);
    [words.flat_map(|word| word.to_be_bytes()).collect(), body.to_vec()].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Three pictures of 2 rows and 4 columns.
fn images() -> Vec<u8> {
    idx(0x0803, &[3, 2, 4], &(0..24).collect::<Vec<u8>>())
}

fn labels() -> Vec<u8> {
    idx(0x0801, &[3], &[5, 0, 9])
}

fn folder(files: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

/// A training set of these two files.
fn train(images: Vec<u8>, labels: Vec<u8>) -> TempDir {
    folder(&[("train-images-idx3-ubyte", images), ("train-labels-idx1-ubyte", labels)])
}

/// A training set of one-pixel pictures with these labels.
pub(crate) fn labelled(labels: &[u8]) -> TempDir {
    let count = labels.len() as u32;
    train(idx(0x0803, &[count, 1, 1], labels), idx(0x0801, &[count], labels))
}

#[test]
fn plain_and_gzip_files_are_read_alike() {
    let folder = folder(&[
        ("train-images-idx3-ubyte", images()),
        ("train-labels-idx1-ubyte.gz", gzip(&labels())),
        ("t10k-images.idx3-ubyte.gz", gzip(&images())),
        ("t10k-labels.idx1-ubyte", labels()),
    ]);
    for split in [Train, Test] {
        let data = load("mnist", folder.path(), split).unwrap();
        assert_eq!(data.labels(), [5, 0, 9]);
        let picture = data.picture(1).unwrap();
        assert_eq!((picture.height, picture.width, picture.channels), (2, 4, 1));
        assert_eq!(picture.data, (8..16).collect::<Vec<u8>>());
    }
    assert_eq!(load("fashion-mnist", folder.path(), Test).unwrap().classes[9], "Ankle boot");
}

#[test]
fn a_missing_file_names_all_that_would_do() {
    let folder = folder(&[("train-images-idx3-ubyte", images())]);
    let parts = ["train-labels-idx1-ubyte, train-labels-idx1-ubyte.gz, train-labels.idx1-ubyte"];
    assert_fails(load("mnist", folder.path(), Train), &parts);
    assert_fails(load("mnist", Path::new("no/such"), Train), &["open folder no/such"]);
}

#[test]
fn a_wrong_magic_number_is_shown() {
    let parts = ["train-labels-idx1-ubyte at byte 0", "0x00000801", "0x00000803"];
    assert_fails(load("mnist", train(images(), images()).path(), Train), &parts);
}

#[test]
fn a_header_cut_short_is_named() {
    let parts = ["train-images", "a header of 16 bytes", "found 10 bytes"];
    assert_fails(load("mnist", train(images()[..10].to_vec(), labels()).path(), Train), &parts);
    assert_fails(load("mnist", train(vec![], labels()).path(), Train), &["found 0 bytes"]);
}

#[test]
fn absurd_or_wrong_dimensions_are_refused_without_allocating() {
    let absurd = idx(0x0803, &[u32::MAX, u32::MAX, u32::MAX], &[0; 24]);
    let parts = ["train-images", "at byte 16", "4294967295 x 4294967295 x 4294967295 bytes", "found 24 bytes"];
    assert_fails(load("mnist", train(absurd, labels()).path(), Train), &parts);
    let short = images()[..39].to_vec();
    assert_fails(load("mnist", train(short, labels()).path(), Train), &["3 x 2 x 4 bytes", "found 23 bytes"]);
    let none = idx(0x0803, &[0, 2, 4], &[]);
    assert_fails(load("mnist", train(none, labels()).path(), Train), &["0 x 2 x 4 bytes", "found 0 bytes"]);
}

#[test]
fn pictures_and_labels_must_be_as_many() {
    let two = idx(0x0801, &[2], &[5, 0]);
    let parts = ["train-images-idx3-ubyte", "3 pictures", "train-labels-idx1-ubyte", "2 labels"];
    assert_fails(load("mnist", train(images(), two).path(), Train), &parts);
}

#[test]
fn a_label_out_of_range_names_its_record() {
    let wrong = idx(0x0801, &[3], &[5, 10, 9]);
    assert_fails(load("mnist", train(images(), wrong).path(), Train), &["0 to 9 in record 1", "found 10"]);
}

#[test]
fn damaged_gzip_is_named() {
    let whole = gzip(&images());
    let cut = whole[..whole.len() - 9].to_vec();
    assert_fails(load("mnist", train(cut, labels()).path(), Train), &["unpack", "train-images-idx3-ubyte"]);
    // The checksum is in the last eight bytes.
    let mut flipped = whole.clone();
    flipped[whole.len() - 6] ^= 1;
    assert_fails(load("mnist", train(flipped, labels()).path(), Train), &["unpack", "train-images-idx3-ubyte"]);
}
