//! One application of an operator: its inputs and attributes, and what comes out.

use std::rc::Rc;

use crate::onnx::{
    attribute::Attribute,
    error::{Error, Result},
    model::Node,
    tensor::{DataType, RANK, Tensor, elements},
};

/// What is known about a value without running the model. Small, or shared with the value that it is handed on from: there may be
/// a million of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::onnx) struct Fact {
    /// Shape.
    pub(in crate::onnx) dims: Vec<usize>,
    /// The elements of a small constant of integers or of truth values (0 and 1): shapes, axes, indices.
    pub(super) ints: Option<Rc<[i64]>>,
    /// The elements of a small constant of floats: scales, sizes on their way to being rounded.
    pub(super) floats: Option<Rc<[f32]>>,
    /// Set if the value is a floating-point constant.
    pub(in crate::onnx) weight: Option<Weight>,
    /// Set if the value is a constant of integers of up to 32 bits, which are weights to quantised operators.
    pub(in crate::onnx) quantized: Option<Weight>,
}

/// A constant, perhaps seen through Identity, Reshape and the like.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::onnx) struct Weight {
    /// Name of the initializer or of the node's output that it comes from.
    pub(in crate::onnx) origin: Rc<str>,
    /// Number of elements.
    pub(in crate::onnx) elements: u64,
}

/// The longest stored constant that is looked at: sizes of parts, indices. Weights never are.
const LONGEST: usize = 1024;

/// The longest computed constant: shape arithmetic needs no more than two numbers per axis, and a hostile graph may make a new
/// one, or double one, with every node.
pub(super) const LONGEST_COMPUTED: usize = 2 * RANK;

impl Fact {
    /// A value of which only the shape is known.
    pub(in crate::onnx) fn new(dims: Vec<usize>) -> Self {
        Self { dims, ..Self::default() }
    }

    /// A computed constant of integers.
    pub(super) fn ints(dims: Vec<usize>, values: Vec<i64>) -> Self {
        Self { ints: short(values), ..Self::new(dims) }
    }

    /// A computed constant of floats.
    pub(super) fn floats(dims: Vec<usize>, values: Vec<f32>) -> Self {
        Self { floats: short(values), ..Self::new(dims) }
    }

    /// An initializer or the value of a Constant node.
    pub(in crate::onnx) fn constant(tensor: &Tensor) -> Self {
        let mut fact = Self::new(tensor.dims.clone());
        if matches!(tensor.data_type, DataType::I32 | DataType::I64) && tensor.elements() <= LONGEST {
            fact.ints = tensor.ints().ok().map(Rc::from);
        }
        if tensor.elements() <= LONGEST_COMPUTED {
            fact.floats = tensor.reals().map(Rc::from);
        }
        fact.or_weight(&tensor.name, tensor.data_type)
    }

    /// Whether its elements are known.
    pub(super) const fn is_known(&self) -> bool {
        self.ints.is_some() || self.floats.is_some()
    }

    /// Whether it is there without running the model, and so takes no activation memory.
    pub(in crate::onnx) const fn is_constant(&self) -> bool {
        self.is_known() || self.weight.is_some() || self.quantized.is_some()
    }

    /// The number that a constant of one float is.
    pub(in crate::onnx) fn number(&self) -> Option<f32> {
        match self.floats.as_deref() {
            Some(&[number]) => Some(number),
            _ => None,
        }
    }

    /// Marks constants of rank 1 or more as weights.
    pub(super) fn or_weight(mut self, origin: &str, data_type: DataType) -> Self {
        if !self.dims.is_empty() {
            let elements = self.dims.iter().product::<usize>() as u64;
            let weight = Some(Weight { origin: origin.into(), elements });
            match data_type {
                _ if data_type.is_float() => self.weight = weight,
                DataType::I8 | DataType::U8 | DataType::I16 | DataType::U16 | DataType::I32 => {
                    self.quantized = weight;
                }
                _ => {}
            }
        }
        self
    }
}

/// A computed constant, if it is short enough to keep.
fn short<T>(values: Vec<T>) -> Option<Rc<[T]>> {
    Some(values).filter(|values| values.len() <= LONGEST_COMPUTED).map(Rc::from)
}

/// What comes out of an operator.
pub(in crate::onnx) struct Outcome {
    /// The outputs in order; ones that nobody asked for may be left out.
    pub(in crate::onnx) outputs: Vec<Fact>,
    /// Multiply-adds by the convention of convolutions and linear layers.
    pub(in crate::onnx) macs: u64,
    /// The operator hands weights on (or looks at their shape) without using them.
    pub(in crate::onnx) passes_weights: bool,
    /// The inputs that are weights although they are integers; the other inputs are scales then, not parameters.
    pub(in crate::onnx) quantized: &'static [usize],
}

impl Outcome {
    /// These outputs, no multiply-adds.
    pub(in crate::onnx) fn of(outputs: Vec<Fact>) -> Result<Self> {
        outputs.iter().try_for_each(|fact| elements(&fact.dims).map(drop))?;
        Ok(Self { outputs, macs: 0, passes_weights: false, quantized: &[] })
    }

    /// One output of this shape, no multiply-adds.
    pub(super) fn shape(dims: Vec<usize>) -> Result<Self> {
        Self::counted(dims, 0)
    }

    /// One output of this shape and its multiply-adds.
    pub(super) fn counted(dims: Vec<usize>, macs: u64) -> Result<Self> {
        Ok(Self { macs, ..Self::of(vec![Fact::new(dims)])? })
    }

    /// One output that may be a weight handed on.
    pub(super) fn pass(fact: Fact) -> Result<Self> {
        Ok(Self { passes_weights: true, ..Self::of(vec![fact])? })
    }

    /// What the operator takes an input that is a constant for.
    pub(in crate::onnx) fn role(&self, input: usize) -> Role {
        match self.quantized {
            _ if self.passes_weights && input == 0 => Role::HandedOn,
            [] if !self.passes_weights => Role::Weight,
            quantized if quantized.contains(&input) => Role::Weight,
            _ => Role::Setting,
        }
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

/// What an operator takes a constant for.
pub(in crate::onnx) enum Role {
    /// Parameters.
    Weight,
    /// Scales and the like.
    Setting,
    /// It is not used here, but where the output is.
    HandedOn,
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

    /// The only element of an input that must be a constant integer.
    pub(super) fn scalar(&self, index: usize) -> Result<i64> {
        match self.constant(index)? {
            [value] => Ok(*value),
            _ => Err(self.mismatch(format!("one number as input {index}"))),
        }
    }

    /// Sizes from an input that must be a constant of integers that are not negative.
    pub(super) fn sizes(&self, index: usize) -> Result<Vec<usize>> {
        let values = self.constant(index)?;
        let sizes = values.iter().map(|&size| usize::try_from(size)).collect::<Result<_, _>>();
        sizes.map_err(|_| self.mismatch(format!("sizes as input {index}, not {values:?}")))
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

    /// An attribute of floats.
    pub(super) fn floats(&self, name: &str) -> Result<Option<Vec<f32>>> {
        match self.node.attributes.get(name) {
            None => Ok(None),
            Some(Attribute::Floats(values)) => Ok(Some(values.clone())),
            Some(other) => Err(wrong(name, "floats", other)),
        }
    }

    /// An attribute of integers.
    pub(super) fn ints(&self, name: &str) -> Result<Option<Vec<i64>>> {
        match self.node.attributes.get(name) {
            None => Ok(None),
            Some(Attribute::Ints(values)) => Ok(Some(values.clone())),
            Some(other) => Err(wrong(name, "integers", other)),
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
