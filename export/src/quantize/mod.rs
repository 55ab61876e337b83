//! Smaller files: weights in 8-bit integers with activations in bytes, or weights in half floats.
//!
//! # 8 bits
//! Static quantisation in the form that the standard has for it: `QuantizeLinear` and `DequantizeLinear` nodes around
//! operators of floats ("QDQ"), which ONNX Runtime turns into integer operators and tract runs as they are. Weights have one
//! scale per output channel and are symmetric (-127 to 127); activations have one scale and a zero point (0 to 255, what
//! integer kernels on x86 are fastest for); a bias is a 32-bit integer in steps of the product of both scales. Convolutions,
//! linear layers, sums, products, concatenations, average pools and sigmoids compute in bytes; max pools, reshapes and
//! slices pass them on; a `ReLU` stays right behind what it cuts off, without bytes in between, so that runtimes can fuse it
//! away. Everything else stays in 32-bit floats, and so do sums and products with constants, and what the graph gives.
//!
//! # 16 bits
//! The weights alone become half floats, each behind a `Cast` to 32 bits; inputs, outputs and arithmetic stay in 32 bits. A
//! graph that computes in half floats would be slower on CPUs, where ONNX Runtime puts casts around every node, and tract
//! does not load it; with casts every runtime loads the file, undoes them once, and is as fast as before.
//!
//! # How it is made
//! The file is read and raised to operator set 13 (scales per channel) where it is older; [`Method`] chooses ranges from what
//! activations were on calibration pictures; the graph is changed and written by one implementation of the format and read
//! back by the other, which must give the same. Equal input gives equal bytes on one kind of CPU.

mod calibrate;
mod command;
mod error;
mod histogram;
mod method;
mod operator;
mod opset;
mod plan;
mod rewrite;
mod scale;
mod source;
mod weights;

use std::collections::BTreeMap;
use std::path::Path;

use models::data::{self, Split};
use models::input::{CHANNELS, InputSpec};
use models::onnx::proto::{ModelProto, StringStringEntryProto};
use models::onnx::{Dim, Port};

use calibrate::Calibration;
pub(crate) use command::{Args, run};
pub use error::{Cause, Error};
pub use method::Method;
use plan::{Plan, plan};
use rewrite::Rewrite;
use scale::Affine;
use source::{Source, written};

/// What weights become.
#[derive(Clone, Debug, PartialEq)]
pub enum Precision {
    /// 8-bit integers, and activations bytes.
    Int8(Ranges),
    /// Half floats; activations stay 32-bit floats.
    Fp16,
}

/// Where the ranges of activations come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranges {
    /// Pictures of its training split are run through the model.
    pub data: data::Source,
    /// How many, as many of each class as can be had; at least 1.
    pub images: usize,
    /// How ranges are chosen.
    pub method: Method,
    /// For [`Method::Percentile`]: the share to keep, in percent.
    pub percentile: f64,
    /// Mean and standard deviation of each channel (R, G, B), in place of those in the model's metadata. Where there are
    /// none either, those that are usual for the data.
    pub statistics: Option<[[f32; 3]; 2]>,
}

/// A smaller file, in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantized {
    /// The file.
    pub bytes: Vec<u8>,
    /// Size of the file that it was made of, decompressed.
    pub bytes_before: usize,
    /// Nodes with weights that are smaller now.
    pub nodes: usize,
    /// How many nodes on the pictures' way stay in 32-bit floats, by operator. Empty for [`Precision::Fp16`].
    pub left: BTreeMap<String, usize>,
    /// Things to know: what was guessed, what was left out.
    pub notes: Vec<String>,
}

/// Makes a file smaller.
///
/// # Errors
/// When the file is no model of 32-bit floats that takes pictures, nothing in it can be made smaller, the pictures cannot be
/// read or do not fit, or an activation or a weight is not finite. See [`Error`].
pub fn quantize(model: &Path, precision: &Precision) -> Result<Quantized, Error> {
    let source = Source::open(model)?;
    let port = source.input()?.clone();
    let plan = plan(&source, &port.name);
    if plan.weighted.is_empty() {
        return Err(Error::Nothing { model: source.name, wanted: operator::WEIGHTED });
    }
    match precision {
        Precision::Int8(ranges) => to_int8(&source, &port, plan, ranges),
        Precision::Fp16 => to_fp16(&source, &plan),
    }
}

fn to_int8(source: &Source, port: &Port, plan: Plan, ranges: &Ranges) -> Result<Quantized, Error> {
    let (spec, notes) = spec(source, port, ranges)?;
    let dataset = ranges.data.load(Split::Train)?.take_balanced(ranges.images);
    if dataset.is_empty() {
        let problem = format!("{} holds no pictures", dataset.name);
        return Err(Error::Flag { flag: "--calibrate", problem });
    }
    let [height, width] = spec.size;
    let shape = [batch(port), CHANNELS, height, width];
    let calibration = Calibration { source, input: &port.name, shape, spec: &spec, dataset: &dataset };
    let observed = calibration.observe(&plan.ranges())?;
    let range = |histogram| ranges.method.range(histogram, ranges.percentile);
    let scales: BTreeMap<String, Affine> =
        observed.iter().map(|(value, histogram)| (value.clone(), Affine::over(range(histogram)))).collect();
    let constants = source.constants();
    let mut rewrite = Rewrite::new(source.proto.graph.clone().unwrap_or_default());
    for (&at, &weighted) in &plan.weighted {
        if let Some(owner) = plan.bytes.get(&source.nodes()[at].input[0]) {
            weights::integers(&mut rewrite, source, &constants, (at, weighted), scales[owner])?;
        }
    }
    rewrite.store(&plan.bytes, &scales);
    let about = serde_json::json!({
        "weights": "int8", "activations": "uint8", "method": ranges.method.name(), "images": dataset.len(),
        "data": dataset.name,
    });
    let bytes = finish(source, rewrite, &about)?;
    let (nodes, left) = (plan.weighted.len(), plan.left);
    Ok(Quantized { bytes, bytes_before: source.size, nodes, left, notes })
}

fn to_fp16(source: &Source, plan: &Plan) -> Result<Quantized, Error> {
    let mut rewrite = Rewrite::new(source.proto.graph.clone().unwrap_or_default());
    let (nodes, beyond) = weights::halves(&mut rewrite, source, &plan.weighted)?;
    let note = |tensor: String| format!("{tensor} stays in 32 bits: it holds numbers beyond half floats");
    let bytes = finish(source, rewrite, &serde_json::json!({ "weights": "fp16" }))?;
    let notes = beyond.into_iter().map(note).collect();
    Ok(Quantized { bytes, bytes_before: source.size, nodes, left: BTreeMap::new(), notes })
}

/// What is found in the metadata of a quantised file.
const ABOUT: &str = "noisydarts.quantization";

/// The file. What its metadata said of its accuracy no longer holds and is dropped.
fn finish(source: &Source, rewrite: Rewrite, about: &serde_json::Value) -> Result<Vec<u8>, Error> {
    let mut metadata = source.proto.metadata_props.clone();
    metadata.retain(|entry| entry.key != "noisydarts.accuracy");
    metadata.push(StringStringEntryProto { key: ABOUT.into(), value: about.to_string() });
    let graph = Some(rewrite.finish());
    let proto = ModelProto { graph, metadata_props: metadata, ..source.proto.clone() };
    let bytes = written(&source.name, &proto)?;
    models::onnx::decode(&bytes)?;
    Ok(bytes)
}

/// How pictures are prepared, at the size that the model takes; and what to say about it.
fn spec(source: &Source, port: &Port, ranges: &Ranges) -> Result<(InputSpec, Vec<String>), Error> {
    let bad = |origin: String| move |source| Error::Spec { origin, source };
    let own = source.model.input_spec().map_err(bad(format!("the metadata of {}", source.name)))?;
    let mut notes = Vec::new();
    if own.is_none() && ranges.statistics.is_none() {
        notes.push(format!(
            "{} does not say how its input is prepared; taking mean and standard deviation that are usual for {}. If that is wrong, give --mean and --std",
            source.name, ranges.data
        ));
    }
    let mut spec = own.unwrap_or_else(|| InputSpec {
        size: size(port).unwrap_or(ranges.data.input().size),
        ..ranges.data.input()
    });
    if let Some([mean, std]) = ranges.statistics {
        (spec.mean, spec.std) = (mean, std);
    }
    spec.validate().map_err(bad("--mean and --std".into()))?;
    match size(port) {
        Some(size) if size != spec.size => {
            let problem = format!("it takes {size:?} pixels, but its metadata says {:?}", spec.size);
            Err(Error::Input { model: source.name.clone(), problem })
        }
        _ => Ok((spec, notes)),
    }
}

/// Height and width that the model takes, if they are fixed.
fn size(port: &Port) -> Option<[usize; 2]> {
    match port.dims.as_deref() {
        Some([_, _, Dim::Fixed(height), Dim::Fixed(width)]) => Some([*height, *width]),
        _ => None,
    }
}

/// How many pictures the model takes at once; one where that is open.
fn batch(port: &Port) -> usize {
    match port.dims.as_deref() {
        Some([Dim::Fixed(images), ..]) => (*images).max(1),
        _ => 1,
    }
}
