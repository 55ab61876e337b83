//! Batches: images in an order and with changes that are functions of (seed, epoch, index).

mod augment;

use models::data::{Pixels, Source, Split};
use models::input::{Fit, InputSpec};
use tch::{Device, Tensor};

use crate::config::{AugmentConfig, Config};
use crate::error::Error;
use crate::random::{Purpose, Seed};
use augment::Augment;

/// Normalised images `[N, 3, H, W]` and their classes `[N]`.
#[derive(Debug)]
pub struct Batch {
    /// The images.
    pub images: Tensor,
    /// The classes.
    pub labels: Tensor,
}

/// Training and test images, fitted to the input.
pub struct Images {
    /// Where they come from.
    pub source: String,
    /// How they became inputs; travels with the trained network.
    pub input: InputSpec,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Training images.
    pub train: Pixels,
    /// Test images.
    pub test: Pixels,
}

impl Images {
    /// Loads what the settings name.
    ///
    /// # Errors
    /// When the source is unknown, a file is missing or broken, or too few images are there.
    pub fn load(config: &Config) -> Result<Self, Error> {
        let source: Source = config.data.source.parse()?;
        let input = sized(source.input(), &config.data.size)?;
        let train = source.load(Split::Train)?;
        let test = source.load(Split::Test)?;
        let classes = train.classes.clone();
        let taken = |images: models::data::Dataset, most: usize| {
            if most == 0 { images } else { images.take_balanced(most) }
        };
        Ok(Self {
            source: config.data.source.clone(),
            train: taken(train, config.data.train_images).pixels(&input)?,
            test: taken(test, config.data.test_images).pixels(&input)?,
            input,
            classes,
        })
    }
}

/// The input spec at the size that `data.size` asks for.
///
/// # Errors
/// When the size is neither `native` nor `HEIGHTxWIDTH`.
pub fn sized(input: InputSpec, size: &str) -> Result<InputSpec, Error> {
    if size == "native" {
        return Ok(input);
    }
    let wrong =
        || Error::Setting { key: "data.size", found: size.into(), expected: "\"native\" or HEIGHTxWIDTH" };
    let (height, width) = size.split_once('x').ok_or_else(wrong)?;
    let side = |text: &str| text.parse::<usize>().ok().filter(|&side| side > 0).ok_or_else(wrong);
    let size = [side(height)?, side(width)?];
    // Padding cannot make pictures smaller.
    let smaller = size[0] < input.size[0] || size[1] < input.size[1];
    let fit = if input.fit == Fit::Pad && smaller { Fit::Resize } else { input.fit };
    // The same part of the picture: 256 for 224 pixels becomes 37 for 32.
    let scaled = |resize: usize| {
        let [old, new] = [input.size, size].map(|size| size[0].max(size[1]));
        (resize * new).div_ceil(old)
    };
    let sized = InputSpec { size, fit, resize: input.resize.map(scaled), ..input };
    sized.validate()?;
    Ok(sized)
}

/// A stream of batches over some of the images.
pub struct Stream<'a> {
    images: &'a Images,
    indices: std::ops::Range<usize>,
    batch: usize,
    order: Order,
    augment: Augment,
    augment_purpose: Purpose,
    device: Device,
}

/// The order of a stream, remembered for the pass it was last drawn for.
struct Order {
    seed: Seed,
    purpose: Purpose,
    pass: Option<u64>,
    permutation: Vec<u32>,
}

impl Order {
    fn of_pass(&mut self, pass: u64, count: usize) -> &[u32] {
        if self.pass != Some(pass) {
            self.permutation = self.seed.stream(self.purpose, pass).permutation(count);
            self.pass = Some(pass);
        }
        &self.permutation
    }
}

impl<'a> Stream<'a> {
    /// Batches of the training images in this range of indices; `purposes` are those of order and augmentation.
    #[must_use]
    pub fn new(
        images: &'a Images,
        indices: std::ops::Range<usize>,
        batch: usize,
        seed: Seed,
        [order, augment_purpose]: [Purpose; 2],
        augment: AugmentConfig,
        device: Device,
    ) -> Self {
        let order = Order { seed, purpose: order, pass: None, permutation: vec![] };
        Self { images, indices, batch, order, augment: Augment::new(augment), augment_purpose, device }
    }

    /// Cuts out an image with this probability from now on, where the augmentation does so.
    pub fn set_cutout_share(&mut self, share: f64) {
        self.augment.cutout_share = share;
    }

    /// Batches of one pass over the images. A last batch of a single image is left out: batch norms need two.
    #[must_use]
    pub fn steps(&self) -> usize {
        let count = self.indices.len();
        count / self.batch + usize::from(count % self.batch > 1)
    }

    /// Batch `step` of the pass `epoch`.
    pub fn batch(&mut self, epoch: usize, step: usize) -> Batch {
        let count = self.indices.len();
        let range = step * self.batch..((step + 1) * self.batch).min(count);
        let chosen: Vec<(u64, u32)> =
            self.order.of_pass(epoch as u64, count)[range].iter().map(|&index| (epoch as u64, index)).collect();
        self.assemble(&chosen)
    }

    /// Batch `step` of the endless stream that reshuffles after every pass; always full.
    pub fn endless(&mut self, step: u64) -> Batch {
        let count = self.indices.len();
        let start = step * self.batch as u64;
        let chosen: Vec<(u64, u32)> = (start..start + self.batch as u64)
            .map(|at| {
                let pass = at / count as u64;
                (pass, self.order.of_pass(pass, count)[(at % count as u64) as usize])
            })
            .collect();
        self.assemble(&chosen)
    }

    fn assemble(&self, chosen: &[(u64, u32)]) -> Batch {
        let pixels = &self.images.train;
        let mut values = vec![0.0; chosen.len() * pixels.image(0).len()];
        let mut labels = Vec::with_capacity(chosen.len());
        let size = values.len() / chosen.len();
        for (out, &(pass, index)) in values.chunks_exact_mut(size).zip(chosen) {
            let at = self.indices.start + index as usize;
            let mut draws = self.order.seed.stream(self.augment_purpose, pass).item(u64::from(index));
            self.augment.apply(&self.images.input, pixels.image(at), &mut draws, out);
            labels.push(i64::from(pixels.labels[at]));
        }
        to_batch(&values, &labels, pixels.size, self.device)
    }
}

/// Images `range` of these pixels, normalised, unchanged otherwise.
///
/// # Panics
/// When the range is not within the images.
#[must_use]
pub fn plain_batch(pixels: &Pixels, input: &InputSpec, range: std::ops::Range<usize>, device: Device) -> Batch {
    let size = pixels.image(range.start).len();
    let mut values = vec![0.0; range.len() * size];
    for (out, at) in values.chunks_exact_mut(size).zip(range.clone()) {
        input.normalise_into(pixels.image(at), out);
    }
    let labels: Vec<i64> = range.map(|at| i64::from(pixels.labels[at])).collect();
    to_batch(&values, &labels, pixels.size, device)
}

fn to_batch(values: &[f32], labels: &[i64], [height, width]: [usize; 2], device: Device) -> Batch {
    let images = Tensor::from_slice(values).view([-1, 3, height as i64, width as i64]);
    Batch { images: sent(images, device), labels: sent(Tensor::from_slice(labels), device) }
}

/// On this device. A GPU fetches it by itself, from memory that stays in place, while the program goes on.
fn sent(tensor: Tensor, device: Device) -> Tensor {
    if device.is_cuda() {
        return tensor.pin_memory(device).internal_to_copy((tensor.kind(), device), true);
    }
    tensor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_size_shows_the_same_part_of_the_picture() {
        let folder = "folder:pictures".parse::<Source>().unwrap().input();
        let sides = |size: &str| {
            let spec = sized(folder.clone(), size).unwrap();
            (spec.size, spec.resize)
        };
        assert_eq!(sides("native"), ([224, 224], Some(256)));
        assert_eq!(sides("32x32"), ([32, 32], Some(37)));
        assert_eq!(sides("300x200"), ([300, 200], Some(343)));
    }

    #[test]
    fn padding_cannot_make_pictures_smaller() {
        let embedded = "embedded".parse::<Source>().unwrap().input();
        assert_eq!(sized(embedded.clone(), "32x32").unwrap().fit, Fit::Pad);
        assert_eq!(sized(embedded, "16x16").unwrap().fit, Fit::Resize);
    }
}
