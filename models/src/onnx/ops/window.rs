//! Sliding windows, common to convolutions and pools.

use super::call::Call;
use crate::onnx::error::{Error, Result};

/// The windows of a convolution or pool over `[N, C, spatial...]`.
pub(super) struct Window {
    /// Size along each spatial axis.
    pub(super) kernel: Vec<usize>,
    strides: Vec<usize>,
    dilations: Vec<usize>,
    /// Padding before and after, per axis.
    pads: Vec<[i64; 2]>,
    auto_pad: AutoPad,
    ceil: bool,
}

#[derive(Clone, Copy)]
enum AutoPad {
    NotSet,
    Same,
    Valid,
}

impl Window {
    /// From a node's attributes; `kernel` is the size that its weights imply, if any.
    pub(super) fn new(call: &Call, kernel: Option<&[usize]>) -> Result<Self> {
        let given = call.ints("kernel_shape")?.map(|sizes| positive("kernel_shape", &sizes)).transpose()?;
        let kernel = match (given, kernel) {
            (Some(given), Some(implied)) if given != implied => {
                return Err(call.mismatch(format!("weights of kernel size {given:?}")));
            }
            (given, implied) => {
                given.or_else(|| implied.map(Into::into)).ok_or_else(|| lacks("kernel_shape"))?
            }
        };
        let rank = kernel.len();
        Ok(Self {
            kernel,
            strides: sizes(call, "strides", rank)?,
            dilations: sizes(call, "dilations", rank)?,
            pads: pads(call, rank)?,
            auto_pad: AutoPad::new(call.text("auto_pad", "NOTSET")?)?,
            ceil: call.int("ceil_mode", 0)? != 0,
        })
    }

    /// Output sizes along the spatial axes.
    pub(super) fn forward(&self, call: &Call, spatial: &[usize]) -> Result<Vec<usize>> {
        self.check(call, spatial)?;
        let sizes = spatial.iter().enumerate().map(|(axis, &size)| self.windows(axis, size as i64));
        sizes
            .collect::<Option<_>>()
            .ok_or_else(|| call.mismatch(format!("inputs of at least one {:?} window", self.kernel)))
    }

    /// Output sizes of the transposed convolution.
    pub(super) fn transposed(&self, call: &Call, spatial: &[usize]) -> Result<Vec<usize>> {
        self.check(call, spatial)?;
        let extra = call.ints("output_padding")?.unwrap_or_else(|| vec![0; spatial.len()]);
        let axes = spatial.iter().zip(&extra).enumerate();
        let sizes = axes.map(|(axis, (&size, &extra))| self.spread(axis, size as i64, extra));
        sizes.collect::<Option<_>>().ok_or_else(|| call.mismatch("an output of at least one element"))
    }

    fn check(&self, call: &Call, spatial: &[usize]) -> Result<()> {
        if spatial.len() == self.kernel.len() {
            Ok(())
        } else {
            Err(call.mismatch(format!("{} spatial axes", self.kernel.len())))
        }
    }

    /// Length of a window with its gaps.
    fn extent(&self, axis: usize) -> Option<i64> {
        let gaps = (self.dilations[axis] as i64).checked_mul(self.kernel[axis] as i64 - 1)?;
        gaps.checked_add(1)
    }

    fn windows(&self, axis: usize, size: i64) -> Option<usize> {
        let stride = self.strides[axis] as i64;
        let [before, after] = self.pads[axis];
        let room = match self.auto_pad {
            AutoPad::Same => return positive_size(size.checked_add(stride - 1)? / stride),
            AutoPad::Valid => size.checked_sub(self.extent(axis)?)?,
            AutoPad::NotSet => size.checked_add(before)?.checked_add(after)?.checked_sub(self.extent(axis)?)?,
        };
        if room < 0 {
            return None;
        }
        let mut count = room / stride + 1;
        // With ceil_mode a last, partial window counts if it starts inside the input or its left padding.
        if self.ceil && room % stride != 0 && count.checked_mul(stride)? < size.checked_add(before)? {
            count += 1;
        }
        positive_size(count)
    }

    fn spread(&self, axis: usize, size: i64, extra: i64) -> Option<usize> {
        let stride = self.strides[axis] as i64;
        let [before, after] = self.pads[axis];
        let full = stride.checked_mul(size - 1)?.checked_add(self.extent(axis)?)?.checked_add(extra)?;
        match self.auto_pad {
            AutoPad::Same => positive_size(size.checked_mul(stride)?),
            AutoPad::Valid => positive_size(full),
            AutoPad::NotSet => positive_size(full.checked_sub(before)?.checked_sub(after)?),
        }
    }
}

impl AutoPad {
    fn new(text: &str) -> Result<Self> {
        match text {
            "NOTSET" | "" => Ok(Self::NotSet),
            "SAME_UPPER" | "SAME_LOWER" => Ok(Self::Same),
            "VALID" => Ok(Self::Valid),
            other => {
                Err(Error::Attribute { name: "auto_pad".into(), problem: format!("unknown value {other:?}") })
            }
        }
    }
}

/// Per-axis sizes of an attribute, 1 by default.
fn sizes(call: &Call, name: &str, rank: usize) -> Result<Vec<usize>> {
    let values = call.ints(name)?.unwrap_or_else(|| vec![1; rank]);
    if values.len() == rank { positive(name, &values) } else { Err(length(name, rank, values.len())) }
}

/// `[before..., after...]` as pairs, 0 by default.
fn pads(call: &Call, rank: usize) -> Result<Vec<[i64; 2]>> {
    let values = call.ints("pads")?.unwrap_or_else(|| vec![0; 2 * rank]);
    if values.len() == 2 * rank {
        Ok((0..rank).map(|axis| [values[axis], values[axis + rank]]).collect())
    } else {
        Err(length("pads", 2 * rank, values.len()))
    }
}

fn positive(name: &str, values: &[i64]) -> Result<Vec<usize>> {
    let bad = || Error::Attribute { name: name.into(), problem: format!("{values:?} must be positive") };
    values.iter().map(|&v| positive_size(v).ok_or_else(bad)).collect()
}

fn positive_size(value: i64) -> Option<usize> {
    usize::try_from(value).ok().filter(|&v| v > 0)
}

fn length(name: &str, expected: usize, found: usize) -> Error {
    Error::Attribute { name: name.into(), problem: format!("expected {expected} values, found {found}") }
}

fn lacks(name: &str) -> Error {
    Error::Attribute { name: name.into(), problem: "it is missing".into() }
}
