//! `weights.safetensors`: trained weights with all that is needed to use them.
//!
//! Keys are node paths and roles (`stem.conv.weight`). The metadata is text by key: `schema`, `genotype` (JSON),
//! `network` (JSON: space, skeleton, channels, cells, classes, size, auxiliary), `input` (JSON of the input spec),
//! `classes` (JSON list), `accuracy` (JSON: top1, correct, images, data), `trained`.

use std::collections::HashMap;
use std::path::Path;

use models::genotype::Genotype;
use models::input::InputSpec;
use models::spaces::skeleton::{Skeleton, Stem};
use serde::{Deserialize, Serialize};
use tch::{Device, Tensor};

use crate::error::Error;
use crate::net::layout::Slot;
use crate::net::{Layout, Statistics, Weights, part};
use crate::tensor_file::{self, Metadata};

/// Which network the weights belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSpec {
    /// Search space.
    pub space: String,
    /// `cifar` or `imagenet`.
    pub skeleton: Stem,
    /// Channels of the first cell.
    pub channels: usize,
    /// Cells.
    pub cells: usize,
    /// Classes.
    pub classes: usize,
    /// Input height and width.
    pub size: [usize; 2],
    /// Whether there is an auxiliary head.
    pub auxiliary: bool,
}

impl NetworkSpec {
    /// The description of a skeleton.
    #[must_use]
    pub fn of(space: &str, skeleton: &Skeleton) -> Self {
        let &Skeleton { stem: skeleton, channels, cells, classes, size, auxiliary } = skeleton;
        Self { space: space.into(), skeleton, channels, cells, classes, size, auxiliary }
    }

    /// The skeleton it describes.
    #[must_use]
    pub fn skeleton(&self) -> Skeleton {
        let &Self { skeleton, channels, cells, classes, size, auxiliary, .. } = self;
        Skeleton { stem: skeleton, channels, cells, classes, size, auxiliary }
    }
}

/// How well a network does, and on what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Share of images classified correctly, in `[0, 1]`.
    pub top1: f64,
    /// How many these are.
    pub correct: u64,
    /// Of how many.
    pub images: u64,
    /// Which.
    pub data: String,
}

/// What stands beside the tensors.
#[derive(Clone, Debug)]
pub struct Description {
    /// The cells.
    pub genotype: Genotype,
    /// The network around them.
    pub network: NetworkSpec,
    /// How pictures become inputs.
    pub input: InputSpec,
    /// Class names.
    pub classes: Vec<String>,
    /// Test accuracy.
    pub accuracy: Option<Accuracy>,
}

/// Writes weights and statistics.
///
/// # Errors
/// When the file cannot be written.
pub fn write(
    path: &Path,
    layout: &Layout,
    weights: &Weights,
    statistics: &Statistics,
    description: &Description,
) -> Result<(), Error> {
    let tensors: Vec<(String, Tensor)> =
        named(&layout.weights, &weights.flat).chain(named(&layout.statistics, &statistics.flat)).collect();
    tensor_file::write(path, &tensors, &metadata(description)?)
}

fn named<'a>(slots: &'a [Slot], flat: &'a Tensor) -> impl Iterator<Item = (String, Tensor)> + 'a {
    slots.iter().map(move |slot| (slot.name.clone(), part(flat, slot)))
}

fn metadata(description: &Description) -> Result<Metadata, Error> {
    let text = |value: serde_json::Value| value.to_string();
    let mut metadata = Metadata::from([
        ("schema".to_string(), "1".to_string()),
        ("genotype".into(), description.genotype.to_json()),
        ("network".into(), text(serde_json::json!(description.network))),
        ("input".into(), description.input.to_json()?),
        ("classes".into(), text(serde_json::json!(description.classes))),
        ("trained".into(), "true".into()),
    ]);
    if let Some(accuracy) = &description.accuracy {
        metadata.insert("accuracy".into(), text(serde_json::json!(accuracy)));
    }
    Ok(metadata)
}

/// A weights file as read.
#[derive(Debug)]
pub struct WeightsFile {
    /// What stands beside the tensors.
    pub description: Description,
    tensors: HashMap<String, Tensor>,
    path: std::path::PathBuf,
}

impl WeightsFile {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is cut short, or lacks a part of its description.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let contents = tensor_file::read("weights", path)?;
        let description = describe(path, &contents.metadata)?;
        Ok(Self { description, tensors: contents.tensors, path: path.into() })
    }

    /// The tensors of this layout as flat vectors.
    ///
    /// # Errors
    /// When one is not there or of another shape; names it.
    pub fn load(&self, layout: &Layout, device: Device) -> Result<(Weights, Statistics), Error> {
        let flat = |slots: &[Slot]| -> Result<Tensor, Error> {
            let parts: Result<Vec<Tensor>, Error> = slots.iter().map(|slot| self.part(slot)).collect();
            Ok(Tensor::cat(&parts?, 0).to_device(device))
        };
        let weights = Weights::from_flat(&layout.weights, &flat(&layout.weights)?);
        Ok((weights, Statistics::from_flat(layout, &flat(&layout.statistics)?)))
    }

    fn part(&self, slot: &Slot) -> Result<Tensor, Error> {
        let problem = match self.tensors.get(&slot.name) {
            Some(tensor) if tensor.size() == slot.dims => return Ok(tensor.reshape([-1])),
            Some(tensor) => {
                format!("{} has dimensions {:?}, expected {:?}", slot.name, tensor.size(), slot.dims)
            }
            None => format!("it has no {}", slot.name),
        };
        Err(Error::Broken { what: "weights", path: self.path.clone(), problem })
    }

    /// Copies every tensor that this layout has too, by name and shape; returns the names of those it lacks.
    #[must_use]
    pub fn initialise(&self, layout: &Layout, weights: &Weights, statistics: &Statistics) -> Vec<String> {
        let mut missing = Vec::new();
        let _guard = tch::no_grad_guard();
        for (slots, flat) in [(&layout.weights, &weights.flat), (&layout.statistics, &statistics.flat)] {
            for slot in slots {
                match self.tensors.get(&slot.name) {
                    Some(tensor) if tensor.size() == slot.dims => part(flat, slot).copy_(tensor),
                    _ => missing.push(slot.name.clone()),
                }
            }
        }
        missing
    }
}

fn describe(path: &Path, metadata: &Metadata) -> Result<Description, Error> {
    let broken = |problem: String| Error::Broken { what: "weights", path: path.into(), problem };
    let text = |key: &str| metadata.get(key).ok_or_else(|| broken(format!("its metadata has no {key:?}")));
    let wrong = |key: &str, error: &dyn std::fmt::Display| broken(format!("its metadata's {key:?}: {error}"));
    Ok(Description {
        genotype: Genotype::parse(text("genotype")?).map_err(|error| wrong("genotype", &error))?,
        network: serde_json::from_str(text("network")?).map_err(|error| wrong("network", &error))?,
        input: InputSpec::from_json(text("input")?).map_err(|error| wrong("input", &error))?,
        classes: serde_json::from_str(text("classes")?).map_err(|error| wrong("classes", &error))?,
        accuracy: metadata.get("accuracy").and_then(|text| serde_json::from_str(text).ok()),
    })
}
