//! The default data, compiled in: a class-balanced part of Fashion-MNIST (Xiao, Rasul and Vollgraf 2017,
//! arXiv:1708.07747; MIT licence), 6,000 training and 1,000 test images of 28x28 grey pixels in 2.8 MB.
//!
//! `data/fashion-mnist/` has the files, their licence and the script that makes them. Each file is a sheet of tiles with
//! one column per class, so image `i` is of class `i mod 10`: any part of the set is as balanced as can be, the halves
//! of a search among them.

use std::path::Path;

use image::ImageFormat;

use super::dataset::Images;
use super::{Dataset, Error, Format, Split};
use crate::input::InputSpec;

/// Classes of Fashion-MNIST, by label.
pub(super) const CLASSES: [&str; 10] =
    ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

const SIDE: usize = 28;
const TRAIN: &[u8] = include_bytes!("../../data/fashion-mnist/train.png");
const TEST: &[u8] = include_bytes!("../../data/fashion-mnist/test.png");

/// The embedded part of Fashion-MNIST.
pub(super) struct Embedded;

impl Format for Embedded {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn about(&self) -> &'static str {
        "6,000 training and 1,000 test images of Fashion-MNIST, part of the program"
    }

    fn needs_folder(&self) -> bool {
        false
    }

    /// 28x28; mean and standard deviation of the 6,000 training images, 0.286915 and 0.353779 (`make.py` prints them).
    fn input(&self) -> InputSpec {
        InputSpec::new([SIDE; 2], [0.286_915; 3], [0.353_779; 3])
    }

    fn load(&self, _: &Path, split: Split) -> Result<Dataset, Error> {
        let data = tiles(if split == Split::Train { TRAIN } else { TEST })?;
        let labels = (0..data.len() / (SIDE * SIDE)).map(|i| (i % CLASSES.len()) as u16).collect();
        let images = Images::Memory { height: SIDE, width: SIDE, channels: 1, data };
        let classes = CLASSES.map(String::from).to_vec();
        Ok(Dataset::new(format!("embedded Fashion-MNIST {split}"), classes, labels, images))
    }
}

/// The tiles of a sheet in reading order, each row by row.
fn tiles(sheet: &[u8]) -> Result<Vec<u8>, Error> {
    let decoded = image::load_from_memory_with_format(sheet, ImageFormat::Png);
    let sheet = decoded.map_err(|source| Error::Picture { path: "(embedded)".into(), source })?.into_luma8();
    let width = SIDE * CLASSES.len();
    let mut tiles = Vec::with_capacity(sheet.len());
    for band in sheet.chunks_exact(SIDE * width) {
        for column in (0..width).step_by(SIDE) {
            band.chunks_exact(width).for_each(|row| tiles.extend_from_slice(&row[column..column + SIDE]));
        }
    }
    Ok(tiles)
}
