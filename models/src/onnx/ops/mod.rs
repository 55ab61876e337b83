//! What operators do to shapes and what they cost: one function per operator, one file per family.
//!
//! Source: the operator documentation of ONNX (`docs/Operators.md`, `docs/Changelog.md` for older versions).
//!
//! Checked in November 2026 on 51 files that `PyTorch` 2.11 exported from 37 networks of torchvision and timm: every shape that
//! `onnx.shape_inference` (onnx 1.23.2, strict, with data propagation) infers is the same here. Multiply-adds equal those of hooks
//! on the convolutions and linear layers of `PyTorch` for the 21 networks without attention that were counted so.

mod binary;
mod call;
mod constant;
mod conv;
mod einsum;
mod fact;
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

pub(super) use call::{Call, Outcome};
pub(super) use fact::Fact;

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
