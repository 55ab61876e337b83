//! One split of a data set, in memory or as a list of files.

use std::path::PathBuf;

use rayon::prelude::*;

use super::{Error, Picture, Pixels, decode};
use crate::input::{CHANNELS, InputSpec};

/// Labelled pictures in a fixed order.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// What it is, for reports: `"CIFAR-10 test"`.
    pub name: String,
    /// Name of each class; labels index it.
    pub classes: Vec<String>,
    labels: Vec<u16>,
    images: Images,
}

#[derive(Clone, Debug)]
pub(super) enum Images {
    /// `[N, height, width, channels]` bytes.
    Memory { height: usize, width: usize, channels: usize, data: Vec<u8> },
    /// One file each, decoded when asked for.
    Files(Vec<PathBuf>),
}

impl Images {
    fn keep(&mut self, wanted: &[usize]) {
        match self {
            Self::Memory { height, width, channels, data } => {
                let bytes = *height * *width * *channels;
                *data = wanted.iter().flat_map(|i| &data[i * bytes..(i + 1) * bytes]).copied().collect();
            }
            Self::Files(paths) => *paths = wanted.iter().map(|i| paths[*i].clone()).collect(),
        }
    }
}

impl Dataset {
    /// `labels` are below the number of `classes`, and as many as there are `images`.
    pub(super) fn new(name: String, classes: Vec<String>, labels: Vec<u16>, images: Images) -> Self {
        Self { name, classes, labels, images }
    }

    /// How many pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Class of picture `i`, an index into `classes`.
    ///
    /// # Panics
    /// When `i` is not below [`Self::len`].
    #[must_use]
    pub fn label(&self, i: usize) -> usize {
        self.labels[i].into()
    }

    /// The class of every picture.
    #[must_use]
    pub fn labels(&self) -> &[u16] {
        &self.labels
    }

    /// Where picture `i` comes from, for messages: its file, or its number in the set.
    ///
    /// # Panics
    /// When `i` is not below [`Self::len`].
    #[must_use]
    pub fn origin(&self, i: usize) -> String {
        match &self.images {
            Images::Memory { .. } => format!("picture {i} of {}", self.name),
            Images::Files(paths) => paths[i].display().to_string(),
        }
    }

    /// Picture `i`. Those of an image folder are read and decoded here.
    ///
    /// # Errors
    /// When its file cannot be read or decoded.
    ///
    /// # Panics
    /// When `i` is not below [`Self::len`].
    pub fn picture(&self, i: usize) -> Result<Picture, Error> {
        match &self.images {
            &Images::Memory { height, width, channels, ref data } => {
                let bytes = height * width * channels;
                Ok(Picture { width, height, channels, data: data[i * bytes..(i + 1) * bytes].to_vec() })
            }
            Images::Files(paths) => decode::picture(&paths[i]),
        }
    }

    /// The first `n` pictures with as many of each class as can be had, in their order; all of them where `n` is more.
    /// Where `n` is no multiple of the number of classes, the first classes have one more.
    #[must_use]
    pub fn take_balanced(mut self, n: usize) -> Self {
        if n >= self.len() {
            return self;
        }
        let mut left = self.quotas(n);
        let mut wanted = |i: &usize| {
            let quota = &mut left[self.label(*i)];
            std::mem::replace(quota, quota.saturating_sub(1)) > 0
        };
        let chosen: Vec<usize> = (0..self.len()).filter(&mut wanted).collect();
        self.name = format!("{} ({n} of {}, balanced)", self.name, self.len());
        self.labels = chosen.iter().map(|i| self.labels[*i]).collect();
        self.images.keep(&chosen);
        self
    }

    /// How many of each class make `n` in all; `n` is at most [`Self::len`].
    fn quotas(&self, n: usize) -> Vec<usize> {
        let mut stock = vec![0_usize; self.classes.len()];
        self.labels.iter().for_each(|label| stock[usize::from(*label)] += 1);
        let mut quotas = vec![0; stock.len()];
        let mut left = n;
        while left > 0 {
            for (quota, stock) in quotas.iter_mut().zip(&stock) {
                if left > 0 && *quota < *stock {
                    *quota += 1;
                    left -= 1;
                }
            }
        }
        quotas
    }

    /// All pictures fitted to the input's size, on all cores; the result does not depend on their number. Everything is
    /// in memory at once, `3 * height * width` bytes each: a large image folder is better read one [`Self::picture`] at
    /// a time.
    ///
    /// # Errors
    /// When the spec is not valid, or a picture cannot be read or fitted: of several, the first one.
    pub fn pixels(&self, input: &InputSpec) -> Result<Pixels, Error> {
        input.validate().map_err(|source| Error::Fit { picture: self.name.clone(), source })?;
        let bytes = CHANNELS * input.size[0] * input.size[1];
        let mut data = vec![0; bytes * self.len()];
        let failed = data.par_chunks_exact_mut(bytes).enumerate().find_map_first(|(i, out)| {
            let fitted = self.fitted(i, input);
            fitted.map(|planes| out.copy_from_slice(&planes)).err()
        });
        failed.map_or_else(|| Ok(Pixels { size: input.size, data, labels: self.labels.clone() }), Err)
    }

    fn fitted(&self, i: usize, input: &InputSpec) -> Result<Vec<u8>, Error> {
        let picture = self.picture(i)?;
        input.fit(&picture).map_err(|source| Error::Fit { picture: self.origin(i), source })
    }
}
