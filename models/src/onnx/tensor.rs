//! Constant tensors.

use std::fmt;

use prost::bytes::Bytes;

use super::{
    error::{Error, Result},
    proto::TensorProto,
};

/// Element type, as numbered by `TensorProto.DataType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum DataType {
    F32,
    U8,
    I8,
    U16,
    I16,
    I32,
    I64,
    Text,
    Bool,
    F16,
    F64,
    U32,
    U64,
    Bf16,
    /// Not in this list (complex, 8- and 4-bit types), or not given.
    Other(i32),
}

impl DataType {
    /// From the number in a file.
    #[must_use]
    pub fn new(code: i32) -> Self {
        use DataType::{Bf16, Bool, F16, F32, F64, I8, I16, I32, I64, Other, Text, U8, U16, U32, U64};
        const CODES: [DataType; 13] = [F32, U8, I8, U16, I16, I32, I64, Text, Bool, F16, F64, U32, U64];
        match code {
            1..=13 => CODES[code as usize - 1],
            16 => Bf16,
            _ => Other(code),
        }
    }

    /// Bytes per element; none for text and types that are not in the list.
    #[must_use]
    pub fn bytes(self) -> Option<usize> {
        match self {
            Self::U8 | Self::I8 | Self::Bool => Some(1),
            Self::U16 | Self::I16 | Self::F16 | Self::Bf16 => Some(2),
            Self::F32 | Self::I32 | Self::U32 => Some(4),
            Self::I64 | Self::U64 | Self::F64 => Some(8),
            Self::Text | Self::Other(_) => None,
        }
    }

    /// Whether it is one of the floating-point types.
    #[must_use]
    pub fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F16 | Self::F64 | Self::Bf16)
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(code) => write!(f, "type {code}"),
            known => f.write_str(&format!("{known:?}").to_lowercase()),
        }
    }
}

/// A constant: an initializer or the value of an attribute. Its data is known to fill its shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Name; empty for attributes.
    pub name: String,
    /// Shape; empty for a scalar.
    pub dims: Vec<usize>,
    /// Element type.
    pub data_type: DataType,
    data: Data,
}

/// The field of `TensorProto` that holds the elements.
#[derive(Clone, Debug, PartialEq)]
enum Data {
    Raw(Bytes),
    F32(Vec<f32>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    F64(Vec<f64>),
    U64(Vec<u64>),
    Text(Vec<Bytes>),
}

impl Tensor {
    /// Checks shape, data and their sizes.
    ///
    /// # Errors
    /// Negative or overflowing dimensions, data elsewhere, too little or too much data.
    pub(super) fn new(proto: TensorProto) -> Result<Self> {
        let name = proto.name.clone();
        if proto.data_location == 1 || !proto.external_data.is_empty() {
            return Err(Error::ExternalData { tensor: name });
        }
        let dims = dimensions(&name, &proto.dims)?;
        let data_type = DataType::new(proto.data_type);
        let tensor = Self { name, dims, data_type, data: Data::new(proto, data_type) };
        tensor.check()?;
        Ok(tensor)
    }

    /// Number of elements.
    #[must_use]
    pub fn elements(&self) -> usize {
        // The product was checked when the tensor was read.
        self.dims.iter().product()
    }

    /// The elements in row-major order.
    ///
    /// # Errors
    /// [`Error::BadType`] if they are not 32-bit floats.
    pub fn floats(&self) -> Result<Vec<f32>> {
        match (&self.data, self.data_type) {
            (Data::F32(values), DataType::F32) => Ok(values.clone()),
            (Data::Raw(bytes), DataType::F32) => Ok(words(bytes).map(f32::from_le_bytes).collect()),
            _ => Err(self.bad_type("32-bit floats")),
        }
    }

    /// The elements in row-major order.
    ///
    /// # Errors
    /// [`Error::BadType`] if they are neither 32-bit nor 64-bit integers.
    pub fn ints(&self) -> Result<Vec<i64>> {
        match (&self.data, self.data_type) {
            (Data::I64(values), DataType::I64) => Ok(values.clone()),
            (Data::I32(values), DataType::I32) => Ok(values.iter().copied().map(i64::from).collect()),
            (Data::Raw(bytes), DataType::I64) => Ok(words(bytes).map(i64::from_le_bytes).collect()),
            (Data::Raw(bytes), DataType::I32) => {
                Ok(words(bytes).map(|w| i64::from(i32::from_le_bytes(w))).collect())
            }
            _ => Err(self.bad_type("32-bit or 64-bit integers")),
        }
    }

    fn bad_type(&self, expected: &'static str) -> Error {
        Error::BadType { tensor: self.name.clone(), expected, found: self.data_type }
    }

    fn check(&self) -> Result<()> {
        let expected = match (&self.data, self.data_type.bytes()) {
            (Data::Raw(_), Some(size)) => self.elements().checked_mul(size),
            // The layout of such elements is unknown here, and nothing reads them.
            (Data::Raw(_), None) => return Ok(()),
            _ => Some(self.elements()),
        };
        let (found, unit) = self.data.len();
        match expected {
            Some(expected) if expected == found => Ok(()),
            _ => Err(Error::BadData {
                tensor: self.name.clone(),
                dims: self.dims.clone(),
                expected: expected.unwrap_or(usize::MAX),
                found,
                unit,
            }),
        }
    }
}

impl Data {
    fn new(proto: TensorProto, data_type: DataType) -> Self {
        if !proto.raw_data.is_empty() {
            return Self::Raw(proto.raw_data);
        }
        match data_type {
            DataType::F32 => Self::F32(proto.float_data),
            DataType::F64 => Self::F64(proto.double_data),
            DataType::I64 => Self::I64(proto.int64_data),
            DataType::U32 | DataType::U64 => Self::U64(proto.uint64_data),
            DataType::Text => Self::Text(proto.string_data),
            DataType::Other(_) => Self::Raw(proto.raw_data),
            _ => Self::I32(proto.int32_data),
        }
    }

    fn len(&self) -> (usize, &'static str) {
        match self {
            Self::Raw(bytes) => (bytes.len(), "bytes"),
            Self::F32(values) => (values.len(), "elements"),
            Self::I32(values) => (values.len(), "elements"),
            Self::I64(values) => (values.len(), "elements"),
            Self::F64(values) => (values.len(), "elements"),
            Self::U64(values) => (values.len(), "elements"),
            Self::Text(values) => (values.len(), "elements"),
        }
    }
}

/// Dimensions that are not negative and whose product fits.
pub(super) fn dimensions(value: &str, dims: &[i64]) -> Result<Vec<usize>> {
    let bad = || Error::BadShape { value: value.into(), dims: dims.into() };
    let sizes: Vec<usize> =
        dims.iter().map(|&d| usize::try_from(d)).collect::<Result<_, _>>().map_err(|_| bad())?;
    elements(&sizes).map_err(|_| bad())?;
    Ok(sizes)
}

/// The highest rank that is accepted; a hostile graph may double the rank with every node.
pub(super) const RANK: usize = 32;

/// The product of dimensions; one of 0 does not hide that others are too large to multiply.
pub(super) fn elements(dims: &[usize]) -> Result<usize> {
    if dims.len() > RANK {
        return Err(Error::Overflow { what: "dimensions" });
    }
    let bound = dims.iter().try_fold(1_usize, |product, &d| product.checked_mul(d.max(1)));
    bound.filter(|&p| isize::try_from(p).is_ok()).ok_or(Error::Overflow { what: "elements" })?;
    Ok(dims.iter().product())
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.as_chunks::<N>().0.iter().copied()
}
