//! MNIST and Fashion-MNIST in the IDX format (<http://yann.lecun.com/exdb/mnist/>), plain or gzip: a big-endian magic
//! number, the counts, then bytes.

use std::path::{Path, PathBuf};

use super::dataset::Images;
use super::{Dataset, Error, Format, Split, embedded, file};
use crate::input::InputSpec;

/// Magic number of bytes in one dimension: the labels.
const LABELS: u32 = 0x0801;
/// Magic number of bytes in three dimensions: the images.
const IMAGES: u32 = 0x0803;

/// One of the two sets.
pub(super) struct Idx {
    name: &'static str,
    about: &'static str,
    title: &'static str,
    classes: [&'static str; 10],
    mean: f32,
    std: f32,
}

/// Handwritten digits. Mean and standard deviation as in `pytorch/examples`, `mnist/main.py`.
pub(super) const MNIST: Idx = Idx {
    name: "mnist",
    about: "MNIST: train- and t10k-images-idx3-ubyte, -labels-idx1-ubyte, each plain or .gz",
    title: "MNIST",
    classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    mean: 0.1307,
    std: 0.3081,
};

/// Clothes (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747). Mean and standard deviation of its 60,000 training images.
pub(super) const FASHION_MNIST: Idx = Idx {
    name: "fashion-mnist",
    about: "Fashion-MNIST: files as of mnist",
    title: "Fashion-MNIST",
    classes: embedded::CLASSES,
    mean: 0.2860,
    std: 0.3530,
};

impl Format for Idx {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn input(&self) -> InputSpec {
        InputSpec::new([28; 2], [self.mean; 3], [self.std; 3])
    }

    fn load(&self, folder: &Path, split: Split) -> Result<Dataset, Error> {
        let prefix = if split == Split::Train { "train" } else { "t10k" };
        let images = File::open(folder, prefix, "images", 3, IMAGES)?;
        let labels = File::open(folder, prefix, "labels", 1, LABELS)?;
        let (pictures, labelled) = (images.counts[0], labels.counts[0]);
        if pictures != labelled {
            return Err(Error::Counts { images: images.path, pictures, labels: labels.path, labelled });
        }
        let (height, width) = (images.counts[1], images.counts[2]);
        let images = Images::Memory { height, width, channels: 1, data: images.body };
        let classes = self.classes.map(String::from).to_vec();
        Ok(Dataset::new(format!("{} {split}", self.title), classes, labels.labels()?, images))
    }
}

/// One IDX file, its header taken apart.
struct File {
    path: PathBuf,
    counts: Vec<usize>,
    body: Vec<u8>,
}

impl File {
    fn open(folder: &Path, prefix: &str, kind: &str, dimensions: usize, magic: u32) -> Result<Self, Error> {
        let stem = format!("{prefix}-{kind}");
        // The second form is what some archives unpack to.
        let plain = [format!("{stem}-idx{dimensions}-ubyte"), format!("{stem}.idx{dimensions}-ubyte")];
        let names = plain.iter().flat_map(|name| [name.clone(), format!("{name}.gz")]).collect::<Vec<_>>();
        let path = file::find(folder, &names.iter().map(String::as_str).collect::<Vec<_>>())?;
        let bytes = file::read(&path)?;
        Self::parse(path, bytes, dimensions, magic)
    }

    fn parse(path: PathBuf, mut bytes: Vec<u8>, dimensions: usize, magic: u32) -> Result<Self, Error> {
        let header = 4 * (1 + dimensions);
        let words: Vec<u32> = bytes.chunks_exact(4).take(1 + dimensions).map(word).collect();
        let malformed =
            |offset, expected, found| Err(Error::Malformed { path: path.clone(), offset, expected, found });
        if words.first().is_some_and(|found| *found != magic) {
            return malformed(0, format!("the magic number {magic:#010x}"), format!("{:#010x}", words[0]));
        }
        if words.len() <= dimensions {
            return malformed(0, format!("a header of {header} bytes"), format!("{} bytes", bytes.len()));
        }
        let counts: Vec<usize> = words[1..].iter().map(|count| *count as usize).collect();
        let shape = counts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ");
        let body = counts.iter().try_fold(1_usize, |product, count| product.checked_mul(*count));
        // Compared before anything is allocated: a damaged header can ask for any size.
        if body != Some(bytes.len() - header) || bytes.len() == header {
            return malformed(
                header,
                format!("{shape} bytes, more than none"),
                format!("{} bytes", bytes.len() - header),
            );
        }
        bytes.drain(..header);
        Ok(Self { path, counts, body: bytes })
    }

    fn labels(self) -> Result<Vec<u16>, Error> {
        if let Some(record) = self.body.iter().position(|label| *label > 9) {
            let found = self.body[record].to_string();
            return Err(Error::Label { path: self.path, record, low: 0, high: 9, found });
        }
        Ok(self.body.into_iter().map(u16::from).collect())
    }
}

fn word(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))
}
