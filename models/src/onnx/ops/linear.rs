//! Matrix products.

use super::{
    Family,
    binary::broadcast,
    call::{Call, Outcome, product},
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family = &[
    ("Gemm", |call| gemm(call, 1)),
    ("MatMul", |call| matmul(call, 1)),
    ("MatMulInteger", |call| matmul(call, 1)),
    ("QLinearMatMul", |call| matmul(call, 3)),
    ("com.microsoft:FusedGemm", |call| gemm(call, 1)),
    ("com.microsoft:QGemm", |call| gemm(call, 3)),
    ("com.microsoft:MatMulIntegerToFloat", |call| matmul(call, 1)),
    ("com.microsoft:DynamicQuantizeMatMul", |call| matmul(call, 1)),
    ("com.microsoft:FusedMatMul", fused_matmul),
];

/// `[M, K]` times `[K, N]`, either transposed by an attribute, gives `[M, N]`; the second one is this input.
fn gemm(call: &Call, second: usize) -> Result<Outcome> {
    let [m, k] = matrix(call, 0, "transA")?;
    let [k2, n] = matrix(call, second, "transB")?;
    if k != k2 {
        return Err(call.mismatch("matrices [M, K] and [K, N]"));
    }
    Outcome::counted(vec![m, n], product([m, k, n])?)
}

fn matrix(call: &Call, index: usize, transposed: &str) -> Result<[usize; 2]> {
    match *call.dims(index)? {
        [rows, columns] if call.int(transposed, 0)? == 0 => Ok([rows, columns]),
        [rows, columns] => Ok([columns, rows]),
        // Before operator set 11 Gemm took [N, C, 1, 1] as a matrix.
        [rows, columns, 1, 1] if index == 0 && call.opset < 11 => Ok([rows, columns]),
        _ => Err(call.mismatch("two matrices")),
    }
}

/// `[batch..., M, K]` times `[batch..., K, N]`, the batches broadcast; vectors as in numpy.
fn matmul(call: &Call, second: usize) -> Result<Outcome> {
    product_of(call, call.dims(0)?, call.dims(second)?)
}

/// A product whose operands may be transposed first.
fn fused_matmul(call: &Call) -> Result<Outcome> {
    if call.int("transBatchA", 0)? != 0 || call.int("transBatchB", 0)? != 0 {
        return Err(Error::Attribute { name: "transBatchA".into(), problem: "it is not supported".into() });
    }
    let operand = |index: usize, transposed: &str| {
        let mut dims = call.dims(index)?.to_vec();
        if let ([.., rows, columns], true) = (dims.as_mut_slice(), call.int(transposed, 0)? != 0) {
            std::mem::swap(rows, columns);
        }
        Ok::<_, Error>(dims)
    };
    product_of(call, &operand(0, "transA")?, &operand(1, "transB")?)
}

fn product_of(call: &Call, a: &[usize], b: &[usize]) -> Result<Outcome> {
    let (batch_a, m, k) = match a {
        [batch @ .., m, k] => (batch, Some(*m), *k),
        [k] => (&a[..0], None, *k),
        [] => return Err(call.mismatch("vectors or matrices")),
    };
    let (batch_b, k2, n) = match b {
        [batch @ .., k, n] => (batch, *k, Some(*n)),
        [k] => (&b[..0], *k, None),
        [] => return Err(call.mismatch("vectors or matrices")),
    };
    let batch = broadcast(batch_a, batch_b)
        .filter(|_| k == k2)
        .ok_or_else(|| call.mismatch("[..., M, K] and [..., K, N]"))?;
    let dims: Vec<usize> = batch.into_iter().chain(m).chain(n).collect();
    let macs = product(dims.iter().copied().chain([k]))?;
    Outcome::counted(dims, macs)
}
