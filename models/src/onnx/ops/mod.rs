//! What operators do to shapes and what they cost: one function per operator, one file per family.
//!
//! Source: the operator documentation of ONNX (`docs/Operators.md`, `docs/Changelog.md` for older versions).

mod binary;
mod call;
mod constant;
mod conv;
mod einsum;
mod indexing;
mod layout;
mod linear;
mod microsoft;
mod normalise;
mod pool;
mod quantise;
mod recurrent;
mod reduce;
mod reshape;
mod resize;
mod slice;
mod unary;
mod window;

pub(super) use call::{Call, Fact, Outcome};

use super::error::Result;

/// What an operator makes of its inputs.
type Operator = fn(&Call) -> Result<Outcome>;

/// The operators of one family, by name.
type Family = &'static [(&'static str, Operator)];

const FAMILIES: &[Family] = &[
    conv::OPERATORS,
    linear::OPERATORS,
    pool::OPERATORS,
    unary::OPERATORS,
    binary::OPERATORS,
    constant::OPERATORS,
    layout::OPERATORS,
    reshape::OPERATORS,
    slice::OPERATORS,
    reduce::OPERATORS,
    indexing::OPERATORS,
    resize::OPERATORS,
    einsum::OPERATORS,
    normalise::OPERATORS,
    quantise::OPERATORS,
    recurrent::OPERATORS,
    microsoft::OPERATORS,
];

/// The operator of this name.
pub(super) fn find(op_type: &str) -> Option<Operator> {
    let mut all = FAMILIES.iter().copied().flatten();
    all.find(|(name, _)| *name == op_type).map(|(_, operator)| *operator)
}
