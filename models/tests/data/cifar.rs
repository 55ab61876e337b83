use std::fs;
use std::path::Path;

use models::data::Split::{Test, Train};
use tempfile::TempDir;

use super::{assert_fails, class_counts, last_pixel, load, real, sums};

#[test]
fn cifar10_is_read_as_numpy_reads_it() {
    let Some(folder) = real("cifar10") else { return };
    let test = load("cifar10", &folder, Test).unwrap();
    assert_eq!((test.len(), class_counts(&test)), (10_000, vec![1_000; 10]));
    assert_eq!(test.labels()[..5], [1, 4, 0, 3, 8]);
    assert_eq!((sums(&test), last_pixel(&test)), ((3_733_375_634, 5_561_102_589_800), vec![24, 32, 19]));
    assert_eq!((test.name.as_str(), test.classes[1].as_str()), ("CIFAR-10 test", "automobile"));

    let train = load("cifar10", &folder, Train).unwrap();
    assert_eq!(train.len(), 20_000);
    assert_eq!((train.labels()[..5].to_vec(), train.label(10_000)), (vec![6, 9, 9, 4, 1], 4));
    let expected = (3_700_460_955 + 3_719_914_908, 5_522_682_909_129 + 5_545_175_010_436);
    assert_eq!((sums(&train), last_pixel(&train)), (expected, vec![72, 70, 83]));
}

#[test]
fn cifar10_tiny_is_read_as_numpy_reads_it() {
    let Some(folder) = real("cifar10-tiny") else { return };
    let (train, test) = (load("cifar10", &folder, Train).unwrap(), load("cifar10", &folder, Test).unwrap());
    assert_eq!((class_counts(&train), class_counts(&test)), (vec![20; 10], vec![10; 10]));
    assert_eq!((sums(&train), last_pixel(&train)), ((74_135_007, 110_991_471_310), vec![197, 197, 197]));
    assert_eq!((sums(&test), last_pixel(&test)), ((37_361_295, 56_158_738_835), vec![94, 87, 62]));
}

#[test]
fn cifar100_is_read_by_fine_labels() {
    let Some(folder) = real("cifar100-mini") else { return };
    let (train, test) = (load("cifar100", &folder, Train).unwrap(), load("cifar100", &folder, Test).unwrap());
    assert_eq!((class_counts(&train), class_counts(&test)), (vec![50; 100], vec![10; 100]));
    assert_eq!((&train.labels()[..5], &test.labels()[..3]), (&[37, 59, 56, 7, 48][..], &[15, 41, 93][..]));
    assert_eq!((sums(&train), last_pixel(&train)), ((1_879_270_989, 2_802_875_040_856), vec![1, 163, 225]));
    assert_eq!(sums(&test), (373_105_305, 557_106_601_281));
    assert_eq!(train.classes[..3], ["apple", "aquarium_fish", "baby"]);
}

const NAMES: &str = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n";

/// A folder with two training records of these labels, and no test batch.
fn folder(labels: [u8; 2]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("batches.meta.txt"), NAMES).unwrap();
    let records: Vec<u8> = labels.iter().flat_map(|label| [vec![*label], vec![7; 3072]].concat()).collect();
    fs::write(folder.path().join("data_batch_3.bin"), records).unwrap();
    folder
}

fn cut(path: &Path, bytes: usize) {
    let whole = fs::read(path).unwrap();
    fs::write(path, &whole[..bytes]).unwrap();
}

#[test]
fn any_training_batch_is_enough() {
    assert_eq!(load("cifar10", folder([9, 0]).path(), Train).unwrap().labels(), [9, 0]);
}

#[test]
fn a_missing_folder_or_file_is_named() {
    assert_fails(load("cifar10", Path::new("no/such"), Train), &["open folder no/such"]);
    assert_fails(load("cifar10", folder([0, 0]).path(), Test), &["looked for test_batch.bin"]);
    let empty = tempfile::tempdir().unwrap();
    assert_fails(
        load("cifar10", empty.path(), Train),
        &["data_batch_1.bin, data_batch_2.bin", "data_batch_5.bin"],
    );
    assert_fails(load("cifar100", empty.path(), Train), &["looked for train.bin"]);
}

#[test]
fn a_truncated_batch_names_its_records() {
    let folder = folder([1, 2]);
    cut(&folder.path().join("data_batch_3.bin"), 3073 + 100);
    let parts = ["data_batch_3.bin", "records of 3073 bytes", "found 1 whole ones and 100 bytes more"];
    assert_fails(load("cifar10", folder.path(), Train), &parts);
    cut(&folder.path().join("data_batch_3.bin"), 0);
    assert_fails(load("cifar10", folder.path(), Train), &["found 0 whole ones and 0 bytes more"]);
}

#[test]
fn a_label_out_of_range_names_its_record() {
    let parts = ["data_batch_3.bin", "a label from 0 to 9 in record 1", "found 10"];
    assert_fails(load("cifar10", folder([1, 10]).path(), Train), &parts);
}

#[test]
fn class_names_must_be_as_many_as_classes() {
    let folder = folder([1, 2]);
    let names = folder.path().join("batches.meta.txt");
    fs::write(&names, "a\nb\n").unwrap();
    let parts = ["batches.meta.txt", "expected 10 class names", "found 2 lines"];
    assert_fails(load("cifar10", folder.path(), Train), &parts);
    fs::remove_file(names).unwrap();
    assert_fails(load("cifar10", folder.path(), Train), &["looked for batches.meta.txt"]);
}
