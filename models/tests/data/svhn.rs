use std::fs;
use std::io::Write;

use flate2::{Compression, write::ZlibEncoder};
use models::data::{Dataset, Error, Split};

use super::{assert_fails, class_counts, last_pixel, load, real, sums};

#[test]
fn svhn_is_read_as_scipy_reads_it() {
    let Some(folder) = real("svhn-format") else { return };
    // Compressed.
    let train = load("svhn", &folder, Split::Train).unwrap();
    assert_eq!(class_counts(&train), [22, 19, 18, 22, 17, 22, 17, 27, 16, 20]);
    assert_eq!(train.labels()[..8], [6, 6, 0, 7, 7, 4, 7, 6]);
    assert_eq!((sums(&train), last_pixel(&train)), ((44_653_217, 69_126_088_218), vec![25, 45, 106]));
    // Not compressed.
    let test = load("svhn", &folder, Split::Test).unwrap();
    assert_eq!(class_counts(&test), [8, 11, 12, 8, 13, 8, 13, 3, 14, 10]);
    assert_eq!((sums(&test), last_pixel(&test)), ((21_700_077, 33_602_321_570), vec![72, 58, 27]));
}

fn element(kind: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = [kind.to_le_bytes(), (body.len() as u32).to_le_bytes()].concat();
    bytes.extend(body);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

/// A numeric array; `kind` is the type of its stored values.
fn array(name: &str, dims: &[u32], kind: u32, data: &[u8]) -> Vec<u8> {
    let dims: Vec<u8> = dims.iter().flat_map(|dim| dim.to_le_bytes()).collect();
    // Names of up to four letters are stored in the tag's place.
    let mut short = [1, name.len() as u16].map(u16::to_le_bytes).concat();
    short.extend(name.as_bytes());
    short.resize(8, 0);
    element(
        14,
        &[element(6, &[9, 0, 0, 0, 0, 0, 0, 0]), element(5, &dims), short, element(kind, data)].concat(),
    )
}

fn compressed(variable: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(variable).unwrap();
    let body = encoder.finish().unwrap();
    [&15_u32.to_le_bytes()[..], &(body.len() as u32).to_le_bytes(), &body].concat()
}

fn mat(variables: &[Vec<u8>]) -> Vec<u8> {
    let mut header = vec![b' '; 124];
    header.extend([0, 1, b'I', b'M']);
    [header, variables.concat()].concat()
}

/// Two pictures of 2 rows and 3 columns, numbered in MATLAB's order.
fn x() -> Vec<u8> {
    array("X", &[2, 3, 3, 2], 2, &(0..36).collect::<Vec<u8>>())
}

fn y(labels: [u8; 2]) -> Vec<u8> {
    array("y", &[2, 1], 2, &labels)
}

fn load_bytes(bytes: &[u8]) -> Result<Dataset, Error> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("train_32x32.mat"), bytes).unwrap();
    load("svhn", folder.path(), Split::Train)
}

#[test]
fn rows_columns_and_channels_are_put_in_order() {
    for variables in [[x(), y([10, 3])], [y([10, 3]), compressed(&x())]] {
        let data = load_bytes(&mat(&variables)).unwrap();
        assert_eq!(data.labels(), [0, 3]);
        let picture = data.picture(0).unwrap();
        assert_eq!((picture.height, picture.width), (2, 3));
        let expected = [0, 6, 12, 2, 8, 14, 4, 10, 16, 1, 7, 13, 3, 9, 15, 5, 11, 17];
        assert_eq!(picture.data, expected);
    }
}

#[test]
fn one_picture_and_labels_of_other_types_are_read() {
    let one = array("X", &[1, 2, 3], 2, &[1, 2, 3, 4, 5, 6]);
    let double = array("y", &[1, 1], 9, &10_f64.to_le_bytes());
    assert_eq!(load_bytes(&mat(&[one.clone(), double])).unwrap().labels(), [0]);
    let int32 = array("y", &[1, 1], 5, &7_i32.to_le_bytes());
    assert_eq!(load_bytes(&mat(&[one, int32])).unwrap().labels(), [7]);
}

#[test]
fn a_missing_file_or_variable_is_named() {
    let empty = tempfile::tempdir().unwrap();
    assert_fails(load("svhn", empty.path(), Split::Test), &["looked for test_32x32.mat"]);
    assert_fails(load_bytes(&mat(&[x()])), &["train_32x32.mat", "a variable \"y\"", "found X"]);
    assert_fails(load_bytes(&mat(&[])), &["a variable \"X\", found none"]);
}

#[test]
fn another_format_is_refused() {
    let parts = ["train_32x32.mat at byte 124", "level 5", "found [00, 02, 49, 4d]"];
    let mut newer = mat(&[]);
    newer[125] = 2;
    assert_fails(load_bytes(&newer), &parts);
    assert_fails(load_bytes(b"MATLAB"), &["at byte 124", "found 6 bytes in all"]);
}

#[test]
fn truncated_files_name_the_place() {
    let whole = mat(&[x(), y([1, 2])]);
    let parts = ["train_32x32.mat at byte 128", "(type 14)", "found 20 bytes"];
    assert_fails(load_bytes(&whole[..128 + 8 + 20]), &parts);
    assert_fails(
        load_bytes(&whole[..128 + 3]),
        &["at byte 128", "an element's tag of 8 bytes", "found 3 bytes"],
    );
    let mut inner = whole.clone();
    // The type of the array's dimensions.
    inner[128 + 8 + 16] = 9;
    assert_fails(load_bytes(&inner), &["at byte 128", "an array's dimensions", "type 9"]);
}

#[test]
fn no_damaged_byte_or_length_panics() {
    let whole = mat(&[x(), y([1, 2]), compressed(&x())]);
    for i in 0..whole.len() {
        let _ = load_bytes(&whole[..i]);
        let mut damaged = whole.clone();
        for value in [0, 0x7f, 0xff] {
            damaged[i] = value;
            let _ = load_bytes(&damaged);
        }
    }
}

#[test]
fn damaged_compression_names_the_place() {
    let mut damaged = compressed(&x());
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    assert_fails(load_bytes(&mat(&[y([1, 2]), damaged])), &["unpack", "train_32x32.mat", "from byte"]);
    let wrong = compressed(&element(2, &[1, 2, 3]));
    assert_fails(load_bytes(&mat(&[wrong])), &["at byte 128", "a compressed matrix", "type 2"]);
}

#[test]
fn wrong_labels_and_shapes_are_named() {
    let parts = ["train_32x32.mat", "a label from 1 to 10 in record 1", "found 11"];
    assert_fails(load_bytes(&mat(&[x(), y([1, 11])])), &parts);
    assert_fails(load_bytes(&mat(&[x(), y([0, 1])])), &["in record 0", "found 0"]);
    let fewer = array("y", &[1, 1], 2, &[1]);
    assert_fails(load_bytes(&mat(&[x(), fewer])), &["2 pictures", "1 labels"]);
    let grey = array("X", &[2, 3, 1, 2], 2, &[0; 12]);
    assert_fails(
        load_bytes(&mat(&[grey, y([1, 2])])),
        &["variable \"X\"", "height x width x 3 x N", "2 x 3 x 1 x 2"],
    );
    let absurd = array("X", &[u32::MAX, u32::MAX, 3, u32::MAX], 2, &[0; 12]);
    assert_fails(load_bytes(&mat(&[absurd, y([1, 2])])), &["variable \"X\"", "as its dimensions say"]);
}
