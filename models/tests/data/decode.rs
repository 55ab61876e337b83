use std::{fs, path::Path};

use models::data::{Dataset, Error, Picture, Split::Test};
use tempfile::TempDir;

use super::{load, text};

/// `golden/decode/make.py` made them with Pillow 13.0.0.
fn golden(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/decode").join(name)).unwrap()
}

/// A data set of this one file.
fn only(name: &str, bytes: &[u8]) -> (TempDir, Dataset) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("test/a")).unwrap();
    fs::write(folder.path().join("test/a").join(name), bytes).unwrap();
    let data = load("folder", folder.path(), Test).unwrap();
    (folder, data)
}

fn decode(name: &str, bytes: &[u8]) -> Result<Picture, Error> {
    only(name, bytes).1.picture(0)
}

/// The largest difference of a pixel from what Pillow decodes.
fn worst(name: &str) -> u8 {
    let (found, expected) = (
        decode(name, &golden(name)).unwrap(),
        decode("x.png", &golden(&format!("{name}.expected.png"))).unwrap(),
    );
    let form = |picture: &Picture| [picture.width, picture.height, picture.channels];
    assert_eq!(form(&found), form(&expected), "{name}");
    found.data.iter().zip(&expected.data).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn every_kind_of_png_is_what_pillow_decodes() {
    for name in ["rgba.png", "grey-alpha.png", "palette.png", "bits.png", "grey16.png"] {
        assert_eq!(worst(name), 0, "{name}");
    }
}

/// Decoders of JPEG may round differently; two grey levels are what was seen at most.
#[test]
fn every_kind_of_jpeg_is_what_pillow_decodes() {
    for name in ["rgb.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg"] {
        assert!(worst(name) <= 2, "{name}: {}", worst(name));
    }
}

#[test]
fn photographs_are_turned_as_their_exif_tag_says() {
    for orientation in 1..=8 {
        let name = format!("exif{orientation}.jpg");
        assert!(worst(&name) <= 2, "{name}: {}", worst(&name));
    }
}

/// Wherever it is cut: within a header, in the pixels, right before the end marker.
#[test]
fn truncated_pictures_are_named() {
    for name in ["rgb.jpg", "progressive.jpg", "exif6.jpg", "rgba.png"] {
        let whole = golden(name);
        let lengths = [1, 20, whole.len() / 2, whole.len() * 9 / 10, whole.len() - 2];
        // A PNG's last twelve bytes say no more than that it ends.
        for length in lengths.into_iter().filter(|length| !name.ends_with("png") || length + 12 < whole.len()) {
            let message = text(&decode(name, &whole[..length]).unwrap_err());
            assert!(message.starts_with("decode picture") && message.contains(name), "{length}: {message}");
        }
    }
}

/// A file of a few bytes may announce any size; nothing of it is allocated.
#[test]
fn huge_pictures_are_named() {
    let mut bytes = golden("rgb.jpg");
    let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    bytes[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    let message = text(&decode("huge.jpg", &bytes).unwrap_err());
    assert!(message.ends_with("it has 60000 x 60000 pixels, more than 178956970; scale it down"), "{message}");
}
