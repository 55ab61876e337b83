//! One application of an operator: its inputs and attributes, and what comes out.

use super::fact::Fact;
use crate::onnx::{
    attribute::Attribute,
    error::{Error, Result},
    model::Node,
    tensor::elements,
};

/// What comes out of an operator.
pub(in crate::onnx) struct Outcome {
    /// The outputs in order; ones that nobody asked for may be left out.
    pub(in crate::onnx) outputs: Vec<Fact>,
    /// Multiply-adds by the convention of convolutions and linear layers.
    pub(in crate::onnx) macs: u64,
    /// The operator hands weights on (or looks at their shape) without using them.
    pub(in crate::onnx) passes_weights: bool,
}

impl Outcome {
    /// One output of this shape, no multiply-adds.
    pub(super) fn shape(dims: Vec<usize>) -> Result<Self> {
        Self::counted(dims, 0)
    }

    /// One output of this shape and its multiply-adds.
    pub(super) fn counted(dims: Vec<usize>, macs: u64) -> Result<Self> {
        elements(&dims)?;
        Ok(Self { outputs: vec![Fact::new(dims)], macs, passes_weights: false })
    }

    /// One output that may be a weight handed on.
    pub(super) fn pass(fact: Fact) -> Result<Self> {
        elements(&fact.dims)?;
        Ok(Self { outputs: vec![fact], macs: 0, passes_weights: true })
    }

    /// The same output several times.
    pub(super) fn repeated(mut self, times: usize) -> Self {
        self.outputs = self.outputs.into_iter().cycle().take(times).collect();
        self
    }

    /// Checks that every output that the node names was inferred.
    pub(in crate::onnx) fn check(&self, node: &Node) -> Result<()> {
        let wanted = node.outputs.iter().rposition(|o| !o.is_empty()).map_or(0, |last| last + 1);
        if wanted <= self.outputs.len() {
            return Ok(());
        }
        Err(Error::Attribute {
            name: "outputs".into(),
            problem: format!("{wanted} are named, {} supported", self.outputs.len()),
        })
    }
}

/// A node with what is known about its inputs.
pub(in crate::onnx) struct Call<'a> {
    /// The node.
    pub(in crate::onnx) node: &'a Node,
    /// Its inputs; none for one that is left out.
    pub(in crate::onnx) inputs: Vec<Option<&'a Fact>>,
    /// Version of the operator set.
    pub(in crate::onnx) opset: i64,
}

impl<'a> Call<'a> {
    /// An input that must be there.
    pub(super) fn input(&self, index: usize) -> Result<&'a Fact> {
        self.optional(index).ok_or(Error::NoInput { index })
    }

    /// An input that may be left out.
    pub(super) fn optional(&self, index: usize) -> Option<&'a Fact> {
        self.inputs.get(index).copied().flatten()
    }

    /// The shape of an input.
    pub(super) fn dims(&self, index: usize) -> Result<&'a [usize]> {
        Ok(&self.input(index)?.dims)
    }

    /// The elements of an input that must be a constant of integers.
    pub(super) fn constant(&self, index: usize) -> Result<&'a [i64]> {
        self.input(index)?.ints.as_deref().ok_or(Error::NotConstant { index })
    }

    /// Integers that moved from an attribute (older operator sets) to an input (newer ones); none if neither is there.
    pub(super) fn ints_or_input(&self, name: &str, index: usize) -> Result<Option<Vec<i64>>> {
        match self.optional(index) {
            Some(_) => self.constant(index).map(|values| Some(values.to_vec())),
            None => self.ints(name),
        }
    }

    /// An integer attribute with its default.
    pub(super) fn int(&self, name: &str, default: i64) -> Result<i64> {
        match self.node.attributes.get(name) {
            None => Ok(default),
            Some(Attribute::Int(value)) => Ok(*value),
            Some(other) => Err(wrong(name, "an integer", other)),
        }
    }

    /// A positive integer attribute, 1 by default.
    pub(super) fn positive(&self, name: &str) -> Result<usize> {
        let bad = Error::Attribute { name: name.into(), problem: "it must be positive".into() };
        usize::try_from(self.int(name, 1)?).ok().filter(|&value| value > 0).ok_or(bad)
    }

    /// An attribute of integers.
    pub(super) fn ints(&self, name: &str) -> Result<Option<Vec<i64>>> {
        match self.node.attributes.get(name) {
            None => Ok(None),
            Some(Attribute::Ints(values)) => Ok(Some(values.clone())),
            Some(other) => Err(wrong(name, "integers", other)),
        }
    }

    /// An attribute of floats.
    pub(super) fn floats(&self, name: &str) -> Result<Option<Vec<f32>>> {
        match self.node.attributes.get(name) {
            None => Ok(None),
            Some(Attribute::Floats(values)) => Ok(Some(values.clone())),
            Some(other) => Err(wrong(name, "floats", other)),
        }
    }

    /// A text attribute with its default.
    pub(super) fn text(&self, name: &str, default: &'static str) -> Result<&'a str> {
        match self.node.attributes.get(name) {
            None => Ok(default),
            Some(Attribute::Text(value)) => Ok(value),
            Some(other) => Err(wrong(name, "a text", other)),
        }
    }

    /// A shape that an input must hold as a constant.
    pub(super) fn sizes(&self, index: usize) -> Result<Vec<usize>> {
        let sizes = self.constant(index)?.iter().map(|&size| usize::try_from(size).ok());
        sizes.collect::<Option<_>>().ok_or_else(|| self.mismatch("sizes that are not negative"))
    }

    /// An axis from 0, from one that may count from the end, of a shape of this rank.
    pub(super) fn axis(&self, axis: i64, rank: usize) -> Result<usize> {
        let from_start = if axis < 0 { axis.checked_add(rank as i64) } else { Some(axis) };
        let found = from_start.and_then(|a| usize::try_from(a).ok()).filter(|&a| a < rank);
        found.ok_or_else(|| self.mismatch(format!("a rank that has axis {axis}")))
    }

    /// The error of shapes that do not fit.
    pub(super) fn mismatch(&self, expected: impl Into<String>) -> Error {
        let shapes = self.inputs.iter().map(|fact| fact.map_or_else(Vec::new, |f| f.dims.clone()));
        Error::Mismatch { expected: expected.into(), found: shapes.collect() }
    }
}

fn wrong(name: &str, expected: &str, found: &Attribute) -> Error {
    Error::Attribute { name: name.into(), problem: format!("expected {expected}, found {found:?}") }
}

/// A product of counts.
pub(super) fn product(factors: impl IntoIterator<Item = usize>) -> Result<u64> {
    let product = factors.into_iter().try_fold(1_u64, |product, f| product.checked_mul(f as u64));
    product.ok_or(Error::Overflow { what: "multiply-adds" })
}
