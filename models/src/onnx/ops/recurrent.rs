//! Recurrent layers. Their multiply-adds are those of the matrix products, step by step.

use super::{
    Family,
    call::{Call, Fact, Outcome, product},
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family = &[
    ("LSTM", |call| recurrent(call, 4)),
    ("GRU", |call| recurrent(call, 3)),
    ("RNN", |call| recurrent(call, 1)),
];

/// `[length, N, inputs]`, weights `[directions, gates · hidden, inputs]` and `[directions, gates · hidden, hidden]` give
/// `[length, directions, N, hidden]`, and the last state (of an LSTM: states) `[directions, N, hidden]`. With `layout` 1, N comes first.
fn recurrent(call: &Call, gates: usize) -> Result<Outcome> {
    let first = call.int("layout", 0)? != 0;
    let (&[a, b, inputs], &[directions, rows, inputs2], &[directions2, rows2, hidden]) =
        (call.dims(0)?, call.dims(1)?, call.dims(2)?)
    else {
        return Err(call.mismatch("three tensors of rank 3"));
    };
    if (inputs, directions, rows) != (inputs2, directions2, rows2) || hidden.checked_mul(gates) != Some(rows) {
        return Err(call
            .mismatch(format!("weights of {gates} gates that take the inputs, and such that take the state")));
    }
    let (length, batch) = if first { (b, a) } else { (a, b) };
    let columns = inputs.checked_add(hidden).ok_or(Error::Overflow { what: "multiply-adds" })?;
    let outputs = if first {
        [vec![batch, length, directions, hidden], vec![batch, directions, hidden]]
    } else {
        [vec![length, directions, batch, hidden], vec![directions, batch, hidden]]
    };
    let [all, last] = outputs.map(Fact::new);
    let macs = product([length, batch, directions, rows, columns])?;
    Ok(Outcome { macs, ..Outcome::of(vec![all, last.clone(), last])? })
}
