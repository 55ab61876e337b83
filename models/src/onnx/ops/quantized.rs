//! Quantised operators. Their weights are integers; scales and zero points are no parameters.

use super::{
    Family, binary,
    call::{Call, Fact, Outcome},
    conv, layout, linear, pool,
    unary::same,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("QuantizeLinear", quantize),
    ("DequantizeLinear", dequantize),
    ("DynamicQuantizeLinear", dynamic_quantize),
    ("ConvInteger", |call| weighted(call, &[1], conv::conv)),
    ("MatMulInteger", |call| weighted(call, &[1], linear::matmul)),
    ("QLinearConv", |call| weighted(&picked(call, &[0, 3]), &[3, 8], conv::conv)),
    ("QLinearMatMul", |call| weighted(&picked(call, &[0, 3]), &[3], linear::matmul)),
    ("com.microsoft:MatMulIntegerToFloat", |call| weighted(call, &[1], linear::matmul)),
    ("com.microsoft:DynamicQuantizeMatMul", |call| weighted(call, &[1], linear::matmul)),
    ("com.microsoft:QGemm", |call| weighted(&picked(call, &[0, 3]), &[3, 6], linear::gemm)),
    ("com.microsoft:QLinearAdd", element_wise),
    ("com.microsoft:QLinearMul", element_wise),
    ("com.microsoft:QLinearSigmoid", settings),
    ("com.microsoft:QLinearLeakyRelu", settings),
    ("com.microsoft:QLinearSoftmax", settings),
    ("com.microsoft:QLinearAveragePool", |call| spatial(call, pool::pool)),
    ("com.microsoft:QLinearGlobalAveragePool", |call| spatial(call, pool::global)),
    ("com.microsoft:NhwcMaxPool", |call| channels_last(call, pool::pool)),
    ("com.microsoft:QLinearConcat", concat),
    ("com.microsoft:QuantizeLinear", quantize),
    ("com.microsoft:DequantizeLinear", dequantize),
];

/// Weights stay weights: they count where they are used.
fn quantize(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    Outcome::pass(Fact { weight: None, quantized: input.weight.clone(), ..Fact::new(input.dims.clone()) })
}

fn dequantize(call: &Call) -> Result<Outcome> {
    let input = call.input(0)?;
    let weight = input.quantized.clone().or_else(|| input.weight.clone());
    Outcome::pass(Fact { weight, ..Fact::new(input.dims.clone()) })
}

/// The other outputs are scale and zero point.
fn dynamic_quantize(call: &Call) -> Result<Outcome> {
    Outcome::of(vec![Fact::new(call.dims(0)?.to_vec()), Fact::default(), Fact::default()])
}

/// An operator whose integer weights are these inputs.
fn weighted(call: &Call, weights: &'static [usize], operator: super::Operator) -> Result<Outcome> {
    Ok(Outcome { quantized: weights, ..operator(call)? })
}

/// The sum or product of the first and the fourth input.
fn element_wise(call: &Call) -> Result<Outcome> {
    let dims = binary::broadcast(call.dims(0)?, call.dims(3)?);
    Outcome::shape(dims.ok_or_else(|| call.mismatch("shapes that broadcast"))?)
}

/// The other inputs are scales and zero points.
fn settings(call: &Call) -> Result<Outcome> {
    Ok(Outcome { passes_weights: true, ..same(call)? })
}

/// A pool over `[N, C, spatial...]`, or over `[N, spatial..., C]` with `channels_last`.
fn spatial(call: &Call, operator: super::Operator) -> Result<Outcome> {
    let outcome =
        if call.int("channels_last", 0)? == 0 { operator(call)? } else { channels_last(call, operator)? };
    Ok(Outcome { passes_weights: true, ..outcome })
}

/// A pool over `[N, spatial..., C]`.
fn channels_last(call: &Call, operator: super::Operator) -> Result<Outcome> {
    let mut dims = call.dims(0)?.to_vec();
    if dims.len() < 2 {
        return Err(call.mismatch("[N, spatial..., C]"));
    }
    dims[1..].rotate_right(1);
    let turned = Fact::new(dims);
    let mut outcome = operator(&Call { inputs: vec![Some(&turned)], ..*call })?;
    for output in &mut outcome.outputs {
        output.dims[1..].rotate_left(1);
    }
    Ok(outcome)
}

/// After the scale and the zero point of the result, each part is followed by its own.
fn concat(call: &Call) -> Result<Outcome> {
    let parts: Vec<usize> = (2..call.inputs.len()).step_by(3).collect();
    Ok(Outcome { passes_weights: true, ..layout::concat(&picked(call, &parts))? })
}

/// The same node with some of its inputs.
fn picked<'a>(call: &Call<'a>, inputs: &[usize]) -> Call<'a> {
    Call { inputs: inputs.iter().map(|&index| call.optional(index)).collect(), ..*call }
}
