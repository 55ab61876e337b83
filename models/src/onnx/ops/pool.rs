//! Pools.

use super::{
    Family,
    call::{Call, Outcome},
    window::Window,
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family = &[
    ("MaxPool", pool),
    ("AveragePool", pool),
    ("LpPool", pool),
    ("GlobalAveragePool", global),
    ("GlobalMaxPool", global),
    ("GlobalLpPool", global),
    ("RoiAlign", roi_align),
    ("MaxRoiPool", roi_pool),
];

/// `[N, C, spatial...]` gives `[N, C, windows...]`; `MaxPool`'s second output has the same shape.
pub(super) fn pool(call: &Call) -> Result<Outcome> {
    let (kept, spatial) = split(call)?;
    let out = Window::new(call, None)?.forward(call, spatial)?;
    let mut outcome = Outcome::shape([kept, &out].concat())?;
    outcome.outputs.extend_from_within(..);
    Ok(outcome)
}

/// `[N, C, spatial...]` gives `[N, C, 1...]`.
pub(super) fn global(call: &Call) -> Result<Outcome> {
    let (kept, spatial) = split(call)?;
    Outcome::shape([kept, &vec![1; spatial.len()]].concat())
}

/// `[N, C, H, W]` and regions `[R, 4]` give `[R, C, height, width]`.
fn roi_align(call: &Call) -> Result<Outcome> {
    regions(call, [call.int("output_height", 1)?, call.int("output_width", 1)?])
}

/// The same with regions `[R, 5]` and the size as one attribute.
fn roi_pool(call: &Call) -> Result<Outcome> {
    match call.ints("pooled_shape")?.as_deref() {
        Some(&[height, width]) => regions(call, [height, width]),
        _ => Err(Error::Attribute { name: "pooled_shape".into(), problem: "expected two sizes".into() }),
    }
}

fn regions(call: &Call, size: [i64; 2]) -> Result<Outcome> {
    match (call.dims(0)?, call.dims(1)?, size.map(usize::try_from)) {
        (&[_, channels, _, _], &[regions, _], [Ok(height), Ok(width)]) => {
            Outcome::shape(vec![regions, channels, height, width])
        }
        _ => Err(call.mismatch("[N, C, H, W], regions and a size")),
    }
}

fn split<'a>(call: &Call<'a>) -> Result<(&'a [usize], &'a [usize])> {
    call.dims(0)?.split_at_checked(2).ok_or_else(|| call.mismatch("[N, C, spatial...]"))
}
