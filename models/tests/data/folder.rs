use std::fs;
use std::path::Path;

use image::{GrayImage, Luma, Rgb, RgbImage};
use models::data::Split::{Test, Train};
use models::input::InputSpec;
use tempfile::TempDir;

use super::{assert_fails, load, text};

/// A picture of one colour, 5 wide and 3 high.
fn save(path: &Path, colour: [u8; 3]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    RgbImage::from_pixel(5, 3, Rgb(colour)).save(path).unwrap();
}

/// Classes cat and dog, in train and in `test`.
fn folder(test: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    save(&at("train/dog/b.png"), [3, 0, 0]);
    save(&at("train/dog/A.PNG"), [2, 0, 0]);
    save(&at("train/cat/deeper/x.png"), [1, 0, 0]);
    save(&at("train/cat/z.jpeg"), [200, 200, 200]);
    fs::write(at("train/cat/.hidden.png"), "no picture").unwrap();
    fs::write(at("train/cat/notes.txt"), "no picture").unwrap();
    for class in ["cat", "dog"] {
        save(&at(test).join(class).join("1.png"), [9, 8, 7]);
    }
    folder
}

#[test]
fn classes_and_pictures_are_sorted() {
    let folder = folder("test");
    let train = load("folder", folder.path(), Train).unwrap();
    assert_eq!((&train.classes[..], train.labels()), (&["cat".into(), "dog".into()][..], &[0, 0, 1, 1][..]));
    let first_byte = |i| train.picture(i).unwrap().data[0];
    assert_eq!([first_byte(0), first_byte(2), first_byte(3)], [1, 2, 3]);
    // JPEG: not exact, but near.
    assert!(first_byte(1).abs_diff(200) <= 2);
    assert!(train.origin(0).ends_with("x.png"));
    let picture = train.picture(0).unwrap();
    assert_eq!((picture.height, picture.width, picture.channels), (3, 5, 3));
}

#[test]
fn val_stands_in_for_test() {
    for name in ["test", "val"] {
        let folder = folder(name);
        assert_eq!(load("folder", folder.path(), Test).unwrap().labels(), [0, 1]);
    }
}

#[test]
fn grey_pictures_have_one_channel() {
    let folder = folder("test");
    GrayImage::from_pixel(2, 2, Luma([77])).save(folder.path().join("test/cat/1.png")).unwrap();
    let picture = load("folder", folder.path(), Test).unwrap().picture(0).unwrap();
    assert_eq!((picture.channels, picture.data), (1, vec![77; 4]));
}

#[test]
fn another_layout_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    save(&folder.path().join("cat/1.png"), [0; 3]);
    let parts = ["find train pictures", "/train/CLASS/*.jpg|jpeg|png"];
    assert_fails(load("folder", folder.path(), Train), &parts);
    assert_fails(load("folder", folder.path(), Test), &["find test pictures", "/test or val/CLASS/*.jpg"]);
    save(&folder.path().join("train/1.png"), [0; 3]);
    assert_fails(load("folder", folder.path(), Train), &parts);
    assert_fails(load("folder", Path::new("no/such"), Train), &["open folder no/such"]);
}

#[test]
fn an_empty_class_is_named() {
    let folder = folder("test");
    fs::create_dir(folder.path().join("train/emu")).unwrap();
    assert_fails(load("folder", folder.path(), Train), &["train/emu", "no .jpg, .jpeg or .png"]);
}

#[test]
fn classes_of_test_must_be_those_of_train() {
    let folder = folder("val");
    fs::rename(folder.path().join("val/dog"), folder.path().join("val/wolf")).unwrap();
    assert_fails(load("folder", folder.path(), Test), &["missing [\"dog\"]", "only in test [\"wolf\"]"]);
}

#[test]
fn an_undecodable_picture_is_named_when_it_is_asked_for() {
    let folder = folder("test");
    let bad = folder.path().join("test/dog/1.png");
    let whole = fs::read(&bad).unwrap();
    for bytes in [&b"no picture"[..], &whole[..whole.len() / 2], &[]] {
        fs::write(&bad, bytes).unwrap();
        let data = load("folder", folder.path(), Test).unwrap();
        assert!(data.picture(0).is_ok());
        let message = text(&data.picture(1).unwrap_err());
        assert!(message.starts_with("decode picture") && message.contains("test/dog/1.png"), "{message}");
        let pixels = data.pixels(&InputSpec::new([8, 8], [0.5; 3], [0.5; 3]));
        assert_eq!(text(&pixels.unwrap_err()), message);
    }
    let data = load("folder", folder.path(), Test).unwrap();
    fs::remove_file(&bad).unwrap();
    assert!(text(&data.picture(1).unwrap_err()).starts_with("read "));
}
