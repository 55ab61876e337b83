//! Street View House Numbers, cropped digits (<http://ufldl.stanford.edu/housenumbers/>): MATLAB files with the pictures
//! `X`, 32x32x3xN bytes, and the labels `y`, Nx1, where 10 is the digit 0.

use std::path::Path;

use super::dataset::Images;
use super::mat::{Array, MatFile};
use super::{Dataset, Error, Format, Split, file};
use crate::input::{CHANNELS, InputSpec};

/// The set. Its `extra` part is not read.
pub(super) struct Svhn;

impl Format for Svhn {
    fn name(&self) -> &'static str {
        "svhn"
    }

    fn about(&self) -> &'static str {
        "SVHN, cropped digits: train_32x32.mat, test_32x32.mat"
    }

    /// Mean and standard deviation as in `automl/RobustDARTS`, `src/utils.py`.
    fn input(&self) -> InputSpec {
        InputSpec::new([32; 2], [0.4377, 0.4438, 0.4728], [0.1980, 0.2010, 0.1970])
    }

    fn load(&self, folder: &Path, split: Split) -> Result<Dataset, Error> {
        let path = file::find(folder, &[&format!("{split}_32x32.mat")])?;
        let mat = MatFile::open(&path)?;
        let (images, pictures) = images(&mat.array("X")?)?;
        let labels = labels(&mat.array("y")?)?;
        if pictures != labels.len() {
            let labelled = labels.len();
            return Err(Error::Counts { images: path.clone(), pictures, labels: path, labelled });
        }
        let classes = (0..10).map(|digit| digit.to_string()).collect();
        Ok(Dataset::new(format!("SVHN {split}"), classes, labels, images))
    }
}

/// The pictures, and how many. MATLAB's first index runs fastest: a picture is three planes, column by column.
fn images(x: &Array<'_>) -> Result<(Images, usize), Error> {
    // A last dimension of one is not stored.
    let (height, width, count) = match x.dims[..] {
        [height, width, CHANNELS] => (height, width, 1),
        [height, width, CHANNELS, count] => (height, width, count),
        _ => return Err(x.unexpected("height x width x 3 x N")),
    };
    let bytes = x.bytes()?;
    let plane = height * width;
    let pixel = |at: usize| (0..CHANNELS).map(move |channel| channel * plane + at);
    let order: Vec<usize> = (0..plane).flat_map(|i| pixel(i % width * height + i / width)).collect();
    let data =
        bytes.chunks_exact(CHANNELS * plane).flat_map(|picture| order.iter().map(|at| picture[*at])).collect();
    Ok((Images::Memory { height, width, channels: CHANNELS, data }, count))
}

fn labels(y: &Array<'_>) -> Result<Vec<u16>, Error> {
    let digit = |(record, label): (usize, f64)| match label {
        10.0 => Ok(0),
        label if (1.0..10.0).contains(&label) && label.fract() == 0.0 => Ok(label as u16),
        _ => Err(Error::Label { path: y.path.into(), record, low: 1, high: 10, found: label.to_string() }),
    };
    y.numbers()?.into_iter().enumerate().map(digit).collect()
}
