//! Damaged data sets.

use std::fs;
use std::path::Path;

use super::{Case, all_are_refused, cut, noise};

const CASES: &[Case<'_>] = &[
    ("no such folder", "noisydarts-search run --data cifar10:nowhere", &["nowhere", "there is no such folder"]),
    ("an empty folder", "noisydarts-search run --data cifar10:empty", &["empty", "data_batch_1.bin"]),
    ("no folder named", "noisydarts-search run --data cifar10", &["cifar10:DIR"]),
    ("an unknown kind", "noisydarts-search run --data cifr10:x", &["cifr10", "did you mean \"cifar10\""]),
    (
        "CIFAR-10 cut short",
        "noisydarts-search run --data cifar10:cut",
        &["cut/data_batch_1.bin", "3073 bytes", "9 whole ones"],
    ),
    (
        "CIFAR-10 with a label 200",
        "noisydarts-search run --data cifar10:label",
        &["label/data_batch_1.bin", "record 4", "200"],
    ),
    ("CIFAR-10 without test images", "noisydarts-search run --data cifar10:train", &["test_batch.bin"]),
    ("CIFAR-10 without names", "noisydarts-search run --data cifar10:unnamed", &["batches.meta.txt"]),
    (
        "packed images cut short",
        "noisydarts-search run --data fashion-mnist:packed",
        &["packed/train-images-idx3-ubyte.gz", "unpack"],
    ),
    (
        "images that are none",
        "noisydarts-search run --data fashion-mnist:noise",
        &["noise/train-images-idx3-ubyte", "byte 0", "magic number"],
    ),
    ("a picture that is none", "noisydarts-search run --data folder:pictures", &["pictures/train/cat/1.png"]),
    (
        "data damaged while training",
        "noisydarts-search train zoo:darts-v2 --data cifar10:cut",
        &["cut/data_batch_1.bin"],
    ),
    (
        "data damaged while evaluating",
        "noisydarts-evaluate accuracy model.onnx --data cifar10:label --split train",
        &["label/data_batch_1.bin", "record 4"],
    ),
    (
        "data missing while evaluating",
        "noisydarts-evaluate accuracy model.onnx --data svhn:empty",
        &["test_32x32.mat"],
    ),
];

/// Ten CIFAR-10 images of noise in a folder, changed in some way.
fn cifar(root: &Path, name: &str, change: impl Fn(&Path, &mut Vec<u8>)) {
    let folder = root.join(name);
    fs::create_dir(&folder).unwrap();
    let mut bytes = noise(10 * 3073);
    for record in 0..10 {
        bytes[record * 3073] = record as u8;
    }
    fs::write(folder.join("batches.meta.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n").unwrap();
    fs::write(folder.join("test_batch.bin"), &bytes).unwrap();
    change(&folder, &mut bytes);
    fs::write(folder.join("data_batch_1.bin"), bytes).unwrap();
}

#[test]
fn damaged_data_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in [
        "empty",
        "packed",
        "noise",
        "pictures",
        "pictures/train",
        "pictures/train/cat",
        "pictures/test",
        "pictures/test/cat",
    ] {
        fs::create_dir(root.join(name)).unwrap();
    }
    cifar(root, "cut", |_, bytes| bytes.truncate(10 * 3073 - 5));
    cifar(root, "label", |_, bytes| bytes[4 * 3073] = 200);
    cifar(root, "train", |folder, _| fs::remove_file(folder.join("test_batch.bin")).unwrap());
    cifar(root, "unnamed", |folder, _| fs::remove_file(folder.join("batches.meta.txt")).unwrap());
    // Magic number of a gzip file, then a header of a block that never comes.
    fs::write(root.join("packed/train-images-idx3-ubyte.gz"), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xed, 0x9d])
        .unwrap();
    fs::write(root.join("noise/train-images-idx3-ubyte"), noise(5000)).unwrap();
    for split in ["train", "test"] {
        fs::write(root.join(format!("pictures/{split}/cat/1.png")), noise(500)).unwrap();
    }
    let export = "noisydarts-export zoo:darts-v2 --channels 4 --cells 3 --allow-random -o model.onnx";
    crate::support::run(root, export).data();
    cut(root, "model.onnx", "cut.onnx", 0.5);
    all_are_refused(root, CASES);
    assert!(!root.join("runs").exists(), "a refused run leaves nothing behind");
}
