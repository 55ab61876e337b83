use std::{fs, path::Path};

use image::{Rgb, RgbImage};
use models::data::{Error, class_names, listed};
use tempfile::TempDir;

use super::text;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("deep er")).unwrap();
    for (name, red) in [("a.png", 1), ("deep er/b.png", 2)] {
        RgbImage::from_pixel(1, 1, Rgb([red, 0, 0])).save(folder.path().join(name)).unwrap();
    }
    folder
}

fn names() -> Vec<String> {
    ["cat", "tabby cat", "2"].map(String::from).to_vec()
}

fn open(folder: &Path, lines: &str) -> Result<models::data::Dataset, Error> {
    let labels = folder.join("labels.txt");
    fs::write(&labels, lines).unwrap();
    listed(folder, &labels, names())
}

#[test]
fn classes_are_numbers_or_names_and_order_is_the_files() {
    let folder = folder();
    for lines in [
        "deep er/b.png 1\na.png 0\n",
        "# two\n\ndeep er/b.png\ttabby cat\r\na.png,cat",
        "deep er/b.png, 1\na.png  cat",
    ] {
        let data = open(folder.path(), lines).unwrap();
        assert_eq!((data.labels(), &data.classes), (&[1, 0][..], &names()), "{lines:?}");
        assert_eq!([0, 1].map(|i| data.picture(i).unwrap().data[0]), [2, 1]);
    }
}

#[test]
fn bad_lines_are_named() {
    let folder = folder();
    let cases = [
        ("a.png 0\na.png 3", "line 2: expected a path and a class, as `a.jpg 0` (a number below 3 or"),
        ("a.png", "line 1: expected a path and a class"),
        ("a.png -1", "line 1: expected a path and a class"),
        ("\nc.png 1", "line 2: there is no picture "),
        ("# none", "it lists no picture"),
    ];
    for (lines, part) in cases {
        let message = text(&open(folder.path(), lines).unwrap_err());
        assert!(message.starts_with("read ") && message.contains(part), "{message}");
    }
    assert!(text(&listed(folder.path(), Path::new("no"), names()).unwrap_err()).starts_with("read no: "));
}

#[test]
fn names_of_classes_are_one_a_line() {
    let folder = folder();
    let path = folder.path().join("names.txt");
    fs::write(&path, "cat\ntabby cat\n\n").unwrap();
    assert_eq!(class_names(&path).unwrap(), ["cat", "tabby cat"]);
    for text in ["", "cat\n\ndog"] {
        fs::write(&path, text).unwrap();
        assert!(class_names(&path).is_err(), "{text:?}");
    }
}
