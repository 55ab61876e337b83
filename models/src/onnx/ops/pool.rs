//! Pools.

use super::{
    Family,
    call::{Call, Outcome},
    window::Window,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("MaxPool", pool),
    ("AveragePool", pool),
    ("LpPool", pool),
    ("GlobalAveragePool", global),
    ("GlobalMaxPool", global),
];

/// `[N, C, spatial...]` gives `[N, C, windows...]`; `MaxPool`'s second output has the same shape.
fn pool(call: &Call) -> Result<Outcome> {
    let (kept, spatial) = split(call)?;
    let out = Window::new(call, None)?.forward(call, spatial)?;
    let mut outcome = Outcome::shape([kept, &out].concat())?;
    outcome.outputs.extend_from_within(..);
    Ok(outcome)
}

/// `[N, C, spatial...]` gives `[N, C, 1...]`.
fn global(call: &Call) -> Result<Outcome> {
    let (kept, spatial) = split(call)?;
    Outcome::shape([kept, &vec![1; spatial.len()]].concat())
}

fn split<'a>(call: &Call<'a>) -> Result<(&'a [usize], &'a [usize])> {
    call.dims(0)?.split_at_checked(2).ok_or_else(|| call.mismatch("[N, C, spatial...]"))
}
