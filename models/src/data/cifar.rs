//! CIFAR-10 and CIFAR-100 in their binary form (<https://www.cs.toronto.edu/~kriz/cifar.html>): records of one or two
//! label bytes and the red, green and blue planes of 32x32 bytes.

use std::path::{Path, PathBuf};

use super::dataset::Images;
use super::{Dataset, Error, Format, Split, file};
use crate::input::{CHANNELS, InputSpec};

const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;

/// One of the two sets.
pub(super) struct Cifar {
    name: &'static str,
    about: &'static str,
    title: &'static str,
    /// Any of these is enough.
    train: &'static [&'static str],
    test: &'static [&'static str],
    names: &'static str,
    classes: u8,
    /// Label bytes of a record; the last one is the label.
    label_bytes: usize,
    mean: [f32; 3],
    std: [f32; 3],
}

/// Ten classes. Mean and standard deviation as in `quark0/darts`, `cnn/utils.py`.
pub(super) const CIFAR10: Cifar = Cifar {
    name: "cifar10",
    about: "CIFAR-10, binary version: data_batch_1.bin to _5 (any of them), test_batch.bin, batches.meta.txt",
    title: "CIFAR-10",
    train: &[
        "data_batch_1.bin",
        "data_batch_2.bin",
        "data_batch_3.bin",
        "data_batch_4.bin",
        "data_batch_5.bin",
    ],
    test: &["test_batch.bin"],
    names: "batches.meta.txt",
    classes: 10,
    label_bytes: 1,
    mean: [0.491_399_68, 0.482_158_27, 0.446_531_24],
    std: [0.247_032_33, 0.243_485_05, 0.261_587_68],
};

/// A hundred classes, by their fine labels. Mean and standard deviation as in `automl/RobustDARTS`, `src/utils.py`.
pub(super) const CIFAR100: Cifar = Cifar {
    name: "cifar100",
    about: "CIFAR-100, binary version, fine labels: train.bin, test.bin, fine_label_names.txt",
    title: "CIFAR-100",
    train: &["train.bin"],
    test: &["test.bin"],
    names: "fine_label_names.txt",
    classes: 100,
    label_bytes: 2,
    mean: [0.5071, 0.4865, 0.4409],
    std: [0.2673, 0.2564, 0.2762],
};

impl Format for Cifar {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn input(&self) -> InputSpec {
        InputSpec::new([SIDE; 2], self.mean, self.std)
    }

    fn load(&self, folder: &Path, split: Split) -> Result<Dataset, Error> {
        let paths = self.paths(folder, split)?;
        let classes = file::names(&file::find(folder, &[self.names])?, self.classes.into())?;
        let (mut labels, mut data) = (Vec::new(), Vec::new());
        for path in paths {
            self.append(&path, &mut labels, &mut data)?;
        }
        let images = Images::Memory { height: SIDE, width: SIDE, channels: CHANNELS, data };
        Ok(Dataset::new(format!("{} {split}", self.title), classes, labels, images))
    }
}

impl Cifar {
    fn paths(&self, folder: &Path, split: Split) -> Result<Vec<PathBuf>, Error> {
        file::folder(folder)?;
        let wanted = if split == Split::Train { self.train } else { self.test };
        let found: Vec<PathBuf> =
            wanted.iter().map(|name| folder.join(name)).filter(|path| path.is_file()).collect();
        if found.is_empty() { Err(file::missing(folder, wanted)) } else { Ok(found) }
    }

    fn append(&self, path: &Path, labels: &mut Vec<u16>, data: &mut Vec<u8>) -> Result<(), Error> {
        let bytes = file::read(path)?;
        let size = self.label_bytes + CHANNELS * PLANE;
        if bytes.is_empty() || !bytes.len().is_multiple_of(size) {
            return Err(Error::Records { path: path.into(), record: size, found: bytes.len() });
        }
        data.reserve(bytes.len());
        for (i, record) in bytes.chunks_exact(size).enumerate() {
            let (head, planes) = record.split_at(self.label_bytes);
            labels.push(self.label(path, i, head[self.label_bytes - 1])?);
            for pixel in 0..PLANE {
                data.extend_from_slice(&[planes[pixel], planes[PLANE + pixel], planes[2 * PLANE + pixel]]);
            }
        }
        Ok(())
    }

    fn label(&self, path: &Path, record: usize, label: u8) -> Result<u16, Error> {
        let high = self.classes - 1;
        if label <= high {
            return Ok(label.into());
        }
        Err(Error::Label { path: path.into(), record, low: 0, high, found: label.to_string() })
    }
}
