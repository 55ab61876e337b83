//! What is known about values before the model runs.

use crate::onnx::tensor::{DataType, Tensor, elements};

/// What is known about a value without running the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::onnx) struct Fact {
    /// Shape.
    pub(in crate::onnx) dims: Vec<usize>,
    /// The elements of a small constant of integers: shapes, axes, indices.
    pub(super) ints: Option<Vec<i64>>,
    /// The elements of a small constant of floats: scales, and shapes on the way through a division.
    pub(super) floats: Option<Vec<f32>>,
    /// Set if the value is a floating-point constant, or a quantised one of rank 2 or more.
    pub(in crate::onnx) weight: Option<Weight>,
    /// Set if the value is a constant of integers that a dequantisation may turn into a weight.
    pub(super) quantised: Option<Weight>,
}

/// A floating-point constant, perhaps seen through Identity, Reshape and the like.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::onnx) struct Weight {
    /// Name of the initializer or of the node's output that it comes from.
    pub(in crate::onnx) origin: String,
    /// Number of elements.
    pub(in crate::onnx) elements: u64,
}

/// The longest constant that is evaluated: shape arithmetic needs a handful of elements, weights are never looked at,
/// and a hostile graph may double a constant with every node.
pub(super) const LONGEST: usize = 1024;

impl Fact {
    /// A value of which only the shape is known.
    pub(in crate::onnx) fn new(dims: Vec<usize>) -> Self {
        Self { dims, ..Self::default() }
    }

    /// A constant of integers.
    pub(super) fn ints(dims: Vec<usize>, values: Vec<i64>) -> Self {
        Self { ints: Some(values).filter(|v| v.len() <= LONGEST), ..Self::new(dims) }
    }

    /// A constant of floats.
    pub(super) fn floats(dims: Vec<usize>, values: Vec<f32>) -> Self {
        Self { floats: Some(values).filter(|v| v.len() <= LONGEST), ..Self::new(dims) }
    }

    /// An initializer or the value of a Constant node.
    pub(in crate::onnx) fn constant(tensor: &Tensor) -> Self {
        let mut fact = Self::new(tensor.dims.clone());
        if tensor.elements() <= LONGEST {
            (fact.ints, fact.floats) = (tensor.ints().ok(), tensor.floats().ok());
        }
        fact.or_weight(&tensor.name, tensor.data_type)
    }

    /// Whether its elements are known.
    pub(in crate::onnx) const fn is_constant(&self) -> bool {
        self.ints.is_some() || self.floats.is_some()
    }

    /// Marks floats of rank 1 or more as a weight, and quantised numbers as what may become one.
    ///
    /// Bytes of rank 2 or more are read by the quantised convolutions themselves; vectors of bytes are their zero points.
    pub(super) fn or_weight(mut self, origin: &str, data_type: DataType) -> Self {
        use DataType::{I8, I16, I32, U8, U16};
        let elements = self.dims.iter().product::<usize>() as u64;
        let weight = Some(Weight { origin: origin.into(), elements }).filter(|_| !self.dims.is_empty());
        if matches!(data_type, I8 | U8 | I16 | U16 | I32) {
            self.quantised.clone_from(&weight);
        }
        if data_type.is_float() || (matches!(data_type, I8 | U8) && self.dims.len() > 1) {
            self.weight = weight;
        }
        self
    }

    /// The elements of a constant at these positions (in row-major order), as a constant of this shape; none if they are not
    /// known.
    pub(super) fn pick(&self, dims: Vec<usize>, positions: &[usize]) -> Option<Self> {
        if !self.is_constant() || positions.len() > LONGEST {
            return None;
        }
        let ints = self.ints.as_ref().map(|v| positions.iter().map(|&i| v.get(i).copied()).collect());
        let floats = self.floats.as_ref().map(|v| positions.iter().map(|&i| v.get(i).copied()).collect());
        let weight = self.weight.clone();
        Some(Self { ints: ints.flatten(), floats: floats.flatten(), weight, ..Self::new(dims) })
    }

    /// The slices at these indices of `axis`; `dims` is their shape. Elements stay known where they are few.
    pub(super) fn take(&self, dims: Vec<usize>, axis: usize, indices: impl Iterator<Item = usize>) -> Self {
        let few = elements(&dims).is_ok_and(|count| count <= LONGEST);
        if !few || !self.is_constant() {
            return Self::new(dims);
        }
        // Beside a size 0 the others may be of any size.
        if dims.contains(&0) {
            return self.pick(dims, &[]).unwrap_or_default();
        }
        let indices: Vec<usize> = indices.collect();
        let outer: usize = self.dims[..axis].iter().product();
        let inner: usize = self.dims[axis + 1..].iter().product();
        let start = |i: usize, j: &usize| (i * self.dims[axis] + j) * inner;
        let slices = (0..outer).flat_map(|i| indices.iter().map(move |j| start(i, j)));
        let positions: Vec<usize> = slices.flat_map(|start| start..start + inner).collect();
        self.pick(dims, &positions).unwrap_or_default()
    }
}
