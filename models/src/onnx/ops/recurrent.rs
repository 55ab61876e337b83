//! Recurrent layers.

use super::{
    Family,
    call::{Call, Outcome, product},
    fact::Fact,
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family = &[
    ("RNN", |call| recurrent(call, 1)),
    ("GRU", |call| recurrent(call, 3)),
    ("LSTM", |call| recurrent(call, 4)),
];

/// `[T, N, I]` with weights `[D, gates · H, I]` and `[D, gates · H, H]` in D directions gives all states `[T, D, N, H]`, the last
/// ones `[D, N, H]` and an LSTM's last cells. With `layout` 1 the batch comes first.
///
/// Every step multiplies its input and the state before it by the weights.
fn recurrent(call: &Call, gates: usize) -> Result<Outcome> {
    let misfit = || call.mismatch(format!("[T, N, I], [D, {gates}H, I] and [D, {gates}H, H]"));
    let batch_first = call.int("layout", 0)? != 0;
    let (&[a, b, size], &[d, rows, columns], &[d2, rows2, hidden]) =
        (call.dims(0)?, call.dims(1)?, call.dims(2)?)
    else {
        return Err(misfit());
    };
    let fits = d == d2 && rows == rows2 && size == columns && hidden.checked_mul(gates) == Some(rows);
    if !fits {
        return Err(misfit());
    }
    let per_step = columns.checked_add(hidden).ok_or(Error::Overflow { what: "multiply-adds" })?;
    let macs = product([a, b, d, rows, per_step])?;
    let [all, last] = if batch_first {
        [vec![a, b, d, hidden], vec![a, d, hidden]]
    } else {
        [vec![a, d, b, hidden], vec![d, b, hidden]]
    };
    let mut outcome = Outcome::counted(all, macs)?;
    outcome.outputs.extend(vec![Fact::new(last); if gates == 4 { 2 } else { 1 }]);
    Ok(outcome)
}
