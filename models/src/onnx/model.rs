//! A model as data that has been checked: every name is defined once, every node comes after those it reads from.

use std::{collections::BTreeMap, fmt};

use super::{
    attribute::Attribute,
    error::{Error, Result},
    order,
    proto::{GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto},
    tensor::{DataType, Tensor, elements},
};
use crate::input::{self, InputSpec};

/// An ONNX file.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Version of the file format.
    pub ir_version: i64,
    /// Version of the standard operator set.
    pub opset: i64,
    /// Name and version of the program that wrote it.
    pub producer: [String; 2],
    /// Key-value pairs of the producer's own.
    pub metadata: BTreeMap<String, String>,
    /// The network.
    pub graph: Graph,
    /// Size of the (decompressed) file in bytes.
    pub bytes: u64,
}

/// The network of a [`Model`].
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// Its name.
    pub name: String,
    /// Nodes, each after those it reads from; otherwise as in the file.
    pub nodes: Vec<Node>,
    /// Constants by name.
    pub initializers: BTreeMap<String, Tensor>,
    /// Inputs that are not initializers.
    pub inputs: Vec<Port>,
    /// Outputs.
    pub outputs: Vec<Port>,
    /// Shapes of outputs and values in between that the producer wrote down and that leave nothing open. Used only where they
    /// cannot be inferred.
    pub declared: BTreeMap<String, Vec<usize>>,
}

/// One application of an operator, with everything that a structural comparison needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Operator; with its domain in front (`com.microsoft:Gelu`) unless that is the standard one.
    pub op_type: String,
    /// Name; may be empty.
    pub name: String,
    /// Values read; an empty name is an optional input left out.
    pub inputs: Vec<String>,
    /// Values written.
    pub outputs: Vec<String>,
    /// Settings by name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// An input or output of a graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Element type.
    pub data_type: DataType,
    /// Shape; none if even the rank is open.
    pub dims: Option<Vec<Dim>>,
}

/// One dimension of a [`Port`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dim {
    /// A size.
    Fixed(usize),
    /// A size that is given when the model runs; the name may be empty.
    Open(String),
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => size.fmt(f),
            Self::Open(name) if name.is_empty() => f.write_str("?"),
            Self::Open(name) => f.write_str(name),
        }
    }
}

impl Model {
    /// How its pictures are prepared, where `noisydarts-export` has written that into its metadata.
    ///
    /// # Errors
    /// When what stands there is no input spec.
    pub fn input_spec(&self) -> Result<Option<InputSpec>, input::Error> {
        self.metadata.get("noisydarts.input").map(|json| InputSpec::from_json(json)).transpose()
    }

    pub(super) fn new(proto: ModelProto, bytes: u64) -> Result<Self> {
        let standard = proto.opset_import.iter().find(|o| is_standard(&o.domain));
        Ok(Self {
            ir_version: proto.ir_version,
            opset: standard.ok_or(Error::NoOpset)?.version,
            producer: [proto.producer_name, proto.producer_version],
            metadata: proto.metadata_props.into_iter().map(|p| (p.key, p.value)).collect(),
            graph: Graph::new(proto.graph.ok_or(Error::NoGraph)?)?,
            bytes,
        })
    }
}

impl Graph {
    fn new(proto: GraphProto) -> Result<Self> {
        let initializers = initializers(proto.initializer)?;
        let mut inputs: Vec<Port> = proto.input.into_iter().map(Port::new).collect::<Result<_>>()?;
        inputs.retain(|input| !initializers.contains_key(&input.name));
        let mut graph = Self {
            name: proto.name,
            nodes: proto.node.into_iter().map(Node::new).collect::<Result<_>>()?,
            declared: declared(&proto.output, proto.value_info),
            initializers,
            inputs,
            outputs: proto.output.into_iter().map(Port::new).collect::<Result<_>>()?,
        };
        order::sort(&mut graph)?;
        Ok(graph)
    }

    /// How many nodes there are of each operator.
    #[must_use]
    pub fn histogram(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for node in &self.nodes {
            *counts.entry(node.op_type.as_str()).or_default() += 1;
        }
        counts
    }
}

impl Node {
    fn new(proto: NodeProto) -> Result<Self> {
        let op_type = if is_standard(&proto.domain) {
            proto.op_type
        } else {
            format!("{}:{}", proto.domain, proto.op_type)
        };
        let attributes = proto.attribute.into_iter().map(|a| Ok((a.name.clone(), Attribute::new(a)?)));
        let label = if proto.name.is_empty() {
            proto.output.first().cloned().unwrap_or_default()
        } else {
            proto.name.clone()
        };
        Ok(Self {
            attributes: attributes.collect::<Result<_>>().map_err(|e: Error| e.at(&label, &op_type))?,
            op_type,
            name: proto.name,
            inputs: proto.input,
            outputs: proto.output,
        })
    }

    /// A name for messages: its own, or that of its first output.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.name.is_empty() { self.outputs.first().map_or("", String::as_str) } else { &self.name }
    }
}

impl Port {
    /// The shape for messages: `[N, 3, 224, 224]`, `?` for what is open and has no name.
    #[must_use]
    pub fn shape_text(&self) -> String {
        let Some(dims) = &self.dims else { return "of unknown rank".into() };
        let dims: Vec<String> = dims.iter().map(ToString::to_string).collect();
        format!("[{}]", dims.join(", "))
    }

    /// Name and shape, if nothing of it is open.
    pub(super) fn fixed(&self) -> Option<(String, Vec<usize>)> {
        let size = |dim: &Dim| match dim {
            Dim::Fixed(size) => Some(*size),
            Dim::Open(_) => None,
        };
        Some((self.name.clone(), self.dims.as_ref()?.iter().map(size).collect::<Option<_>>()?))
    }

    fn new(proto: ValueInfoProto) -> Result<Self> {
        let tensor = proto.r#type.and_then(|t| t.tensor_type).unwrap_or_default();
        let dims = tensor.shape.map(|shape| {
            shape
                .dim
                .into_iter()
                .map(|d| match d.dim_value {
                    Some(size) => usize::try_from(size)
                        .map(Dim::Fixed)
                        .map_err(|_| Error::BadShape { value: proto.name.clone(), dims: vec![size] }),
                    None => Ok(Dim::Open(d.dim_param.unwrap_or_default())),
                })
                .collect::<Result<Vec<Dim>>>()
        });
        Ok(Self { data_type: DataType::new(tensor.elem_type), dims: dims.transpose()?, name: proto.name })
    }
}

/// The shapes that are complete; what cannot be is left out, since these are hints.
fn declared(outputs: &[ValueInfoProto], between: Vec<ValueInfoProto>) -> BTreeMap<String, Vec<usize>> {
    let values = between.into_iter().chain(outputs.iter().cloned());
    let fixed = values.filter_map(|value| Port::new(value).ok()?.fixed());
    fixed.filter(|(_, dims)| elements(dims).is_ok()).collect()
}

fn initializers(protos: Vec<TensorProto>) -> Result<BTreeMap<String, Tensor>> {
    let mut tensors = BTreeMap::new();
    for proto in protos {
        let tensor = Tensor::new(proto)?;
        if let Some(twin) = tensors.insert(tensor.name.clone(), tensor) {
            return Err(Error::Duplicate { value: twin.name });
        }
    }
    Ok(tensors)
}

fn is_standard(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}
