//! Settings of nodes.

use prost::bytes::Bytes;

use super::{
    error::{Error, Result},
    proto::AttributeProto,
    tensor::Tensor,
};

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// An integer.
    Int(i64),
    /// A float.
    Float(f32),
    /// A text.
    Text(String),
    /// Integers.
    Ints(Vec<i64>),
    /// Floats.
    Floats(Vec<f32>),
    /// Texts.
    Texts(Vec<String>),
    /// A tensor.
    Tensor(Box<Tensor>),
    /// A kind that is not read (a subgraph, a sparse tensor, a type), by its number.
    Other(i32),
}

impl Attribute {
    pub(super) fn new(proto: AttributeProto) -> Result<Self> {
        Ok(match kind(&proto) {
            1 => Self::Float(proto.f),
            2 => Self::Int(proto.i),
            3 => Self::Text(text(&proto.name, &proto.s)?),
            4 => Self::Tensor(Box::new(Tensor::new(proto.t.unwrap_or_default())?)),
            6 => Self::Floats(proto.floats),
            7 => Self::Ints(proto.ints),
            8 => Self::Texts(proto.strings.iter().map(|s| text(&proto.name, s)).collect::<Result<_>>()?),
            other => Self::Other(other),
        })
    }
}

/// The kind as written. Files of the first IR versions leave it out: then the field that is filled decides.
fn kind(proto: &AttributeProto) -> i32 {
    match proto.r#type {
        0 if proto.t.is_some() => 4,
        0 if !proto.ints.is_empty() => 7,
        0 if !proto.floats.is_empty() => 6,
        0 if !proto.strings.is_empty() => 8,
        0 if !proto.s.is_empty() => 3,
        0 if proto.f != 0.0 => 1,
        0 => 2,
        kind => kind,
    }
}

fn text(name: &str, bytes: &Bytes) -> Result<String> {
    let problem = |_| Error::Attribute { name: name.into(), problem: "it is not UTF-8".into() };
    String::from_utf8(bytes.to_vec()).map_err(problem)
}
