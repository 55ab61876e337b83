//! The file that is to be quantised, read and made ready to be changed.

use std::collections::HashMap;
use std::path::Path;

use models::onnx::proto::{ModelProto, NodeProto};
use models::onnx::{self, Attribute, Dim, Port, Tensor};
use prost::Message as _;

use super::error::Error;
use super::opset;
use crate::onnx::encode;

/// A file of 32-bit floats of operator set 13 or later.
pub(super) struct Source {
    /// Its path, for messages.
    pub(super) name: String,
    /// Its size, decompressed.
    pub(super) size: usize,
    /// Its messages: what is changed.
    pub(super) proto: ModelProto,
    /// The same, checked: what is looked at.
    pub(super) model: onnx::Model,
    /// The same as bytes: what is run.
    pub(super) bytes: Vec<u8>,
}

impl Source {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// When it is no ONNX file, is quantised already, holds what cannot be copied, or is of an operator set that is too old
    /// and cannot be raised.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let bytes = onnx::read_bytes(path)?;
        let model = onnx::decode(&bytes).map_err(|error| error.in_file(path))?;
        plain(&name, &model)?;
        let decoded = ModelProto::decode(bytes.clone());
        let mut proto = decoded.map_err(|error| onnx::Error::from(error).in_file(path))?;
        opset::raise(&name, &mut proto, model.opset)?;
        if let Some(graph) = &mut proto.graph {
            // Hints, and wrong ones where they name a batch that is fixed when the model is loaded.
            graph.value_info.clear();
        }
        let bytes_now = written(&name, &proto)?;
        Ok(Self { name, size: bytes.len(), model: onnx::decode(&bytes_now)?, proto, bytes: bytes_now })
    }

    /// The only input, which takes pictures `[N, 3, H, W]`.
    ///
    /// # Errors
    /// [`Error::Input`] if there are none or several, or it takes something else.
    pub(super) fn input(&self) -> Result<&Port, Error> {
        let misfit = |problem| Error::Input { model: self.name.clone(), problem };
        let [input] = self.model.graph.inputs.as_slice() else {
            return Err(misfit(format!("it has {} inputs, expected one", self.model.graph.inputs.len())));
        };
        let channels = input.dims.as_deref().and_then(|dims| dims.get(1));
        let pictures = input.dims.as_ref().is_some_and(|dims| dims.len() == 4)
            && matches!(channels, Some(Dim::Fixed(models::input::CHANNELS) | Dim::Open(_)));
        if pictures && input.data_type == onnx::DataType::F32 {
            return Ok(input);
        }
        let (shape, kind) = (input.shape_text(), input.data_type);
        Err(misfit(format!("input {:?} takes {kind} {shape}, expected pictures f32 [N, 3, H, W]", input.name)))
    }

    /// The nodes as messages.
    pub(super) fn nodes(&self) -> &[NodeProto] {
        self.proto.graph.as_ref().map_or(&[], |graph| &graph.node)
    }

    /// Every value that is a constant: initializers and what `Constant` nodes give.
    pub(super) fn constants(&self) -> HashMap<&str, &Tensor> {
        let graph = &self.model.graph;
        let given = graph.initializers.iter().map(|(name, tensor)| (name.as_str(), tensor));
        let nodes = graph.nodes.iter().filter(|node| node.op_type == "Constant");
        let from_nodes = nodes.filter_map(|node| match (node.outputs.first(), node.attributes.get("value")) {
            (Some(name), Some(Attribute::Tensor(tensor))) => Some((name.as_str(), &**tensor)),
            _ => None,
        });
        given.chain(from_nodes).collect()
    }
}

/// The bytes of a model that was changed, read back and found to be it.
///
/// # Errors
/// [`Error::TooLong`], and [`Error::Check`] where the two implementations of the format disagree.
pub(super) fn written(name: &str, proto: &ModelProto) -> Result<Vec<u8>, Error> {
    let bytes = encode(proto).ok_or_else(|| Error::TooLong { model: name.into() })?;
    match ModelProto::decode(bytes.as_slice()) {
        Ok(read) if read == *proto => Ok(bytes),
        _ => Err(Error::Check),
    }
}

/// Refuses what is quantised already and what would be lost on the way.
fn plain(name: &str, model: &onnx::Model) -> Result<(), Error> {
    for node in &model.graph.nodes {
        let (label, op_type) = (node.label().to_string(), node.op_type.clone());
        if is_quantised(&op_type) {
            return Err(Error::Already { model: name.into(), node: label, op_type });
        }
        let lost = node.attributes.iter().find(|(_, value)| matches!(value, Attribute::Other(_)));
        if let Some((attribute, _)) = lost {
            return Err(Error::Subgraph { model: name.into(), node: label, attribute: attribute.clone() });
        }
    }
    Ok(())
}

fn is_quantised(op_type: &str) -> bool {
    let operator = op_type.rsplit(':').next().unwrap_or(op_type);
    operator.contains("QuantizeLinear")
        || operator.contains("quantizeLinear")
        || operator.starts_with("QLinear")
        || ["QGemm", "ConvInteger", "MatMulInteger", "MatMulIntegerToFloat"].contains(&operator)
}
