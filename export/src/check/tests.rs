use models::layer::Activation;
use models::onnx::Bytes;
use models::onnx::proto::{AttributeProto, ModelProto};
use prost::Message as _;

use super::*;
use crate::fold::fold;
use crate::lower::lower;
use crate::options::{Options, Target};
use crate::samples::{RANDOM, everything};
use crate::share::share;
use crate::weights::Weights;

struct Case {
    bytes: Vec<u8>,
    folded: Folded,
    metadata: BTreeMap<String, String>,
}

impl Case {
    fn new(options: Options) -> Self {
        let network = everything();
        let weights = Weights::random(&network, 1);
        let bytes = lower(&network, &weights, &options).unwrap().bytes().to_vec();
        let mut folded = fold(&network.inference(), &weights).unwrap();
        folded.network = share(&folded.network);
        let metadata = onnx::decode(&bytes).unwrap().metadata;
        Self { bytes, folded, metadata }
    }

    fn check(&self, bytes: &[u8]) -> Result<usize, Error> {
        check(&Bytes::copy_from_slice(bytes), &self.folded, Batch::Fixed(1), &self.metadata)
    }

    /// What the check says to the file after this change.
    fn after(&self, change: impl FnOnce(&mut ModelProto)) -> Result<usize, Error> {
        let mut model = ModelProto::decode(self.bytes.as_slice()).unwrap();
        change(&mut model);
        self.check(&model.encode_to_vec())
    }

    fn refuses(&self, what: &str, change: impl FnOnce(&mut ModelProto)) {
        assert!(self.after(change).is_err(), "{what} passed the check");
    }

    fn model(&self) -> ModelProto {
        ModelProto::decode(self.bytes.as_slice()).unwrap()
    }
}

#[test]
fn what_was_written_passes() {
    for target in [Target::Cpu, Target::Mobile] {
        let case = Case::new(Options { target, ..RANDOM });
        let count = case.after(|_| ()).unwrap();
        assert_eq!(count, case.model().graph.unwrap().node.len());
    }
}

#[test]
fn every_change_of_a_node_is_noticed() {
    for target in [Target::Cpu, Target::Mobile] {
        let case = Case::new(Options { target, ..RANDOM });
        let nodes = case.model().graph.unwrap().node;
        for (at, node) in nodes.iter().enumerate() {
            let name = &node.name;
            let edit = |what: &str, change: &dyn Fn(&mut models::onnx::proto::NodeProto)| {
                case.refuses(&format!("{name}: {what}"), |model| {
                    change(&mut model.graph.as_mut().unwrap().node[at]);
                });
            };
            edit("another name", &|node| node.name.push('x'));
            edit("another operator", &|node| {
                node.op_type = if node.op_type == "Relu" { "Abs" } else { "Relu" }.into();
            });
            edit("one input less", &|node| drop(node.input.pop()));
            edit("another attribute", &|node| {
                node.attribute.push(AttributeProto {
                    name: "auto_pad".into(),
                    s: "VALID".into(),
                    r#type: 3,
                    ..Default::default()
                });
            });
            for input in 0..node.input.len() {
                edit("the image instead of an input", &|node| {
                    node.input[input] = if node.input[input] == "input" { "stem.conv" } else { "input" }.into();
                });
            }
            for nth in 0..node.attribute.len() {
                edit("no attribute", &|node| drop(node.attribute.remove(nth)));
                edit("another value", &|node| {
                    let attribute = &mut node.attribute[nth];
                    attribute.i += 1;
                    attribute.f += 1.0;
                    if let Some(last) = attribute.ints.last_mut() {
                        *last += 1;
                    }
                });
            }
            case.refuses("a missing node", |model| drop(model.graph.as_mut().unwrap().node.remove(at)));
        }
    }
}

#[test]
fn every_change_of_a_constant_is_noticed() {
    let case = Case::new(Options { target: Target::Mobile, ..RANDOM });
    let constants = case.model().graph.unwrap().initializer;
    for (at, constant) in constants.iter().enumerate() {
        let bytes = constant.raw_data.to_vec();
        for byte in [0, bytes.len() - 1] {
            case.refuses(&format!("{}: byte {byte}", constant.name), |model| {
                let mut bytes = bytes.clone();
                bytes[byte] ^= 1;
                model.graph.as_mut().unwrap().initializer[at].raw_data = bytes.into();
            });
        }
        case.refuses("another shape", |model| model.graph.as_mut().unwrap().initializer[at].dims.push(1));
        case.refuses("a constant that nothing reads", |model| {
            let graph = model.graph.as_mut().unwrap();
            let mut twin = graph.initializer[at].clone();
            twin.name = "twin".into();
            graph.initializer.push(twin);
        });
    }
}

#[test]
fn every_change_around_the_graph_is_noticed() {
    let case = Case::new(RANDOM);
    case.refuses("another format", |model| model.ir_version = 9);
    case.refuses("another operator set", |model| model.opset_import[0].version = 18);
    case.refuses("another entry", |model| model.metadata_props[0].value.push('x'));
    case.refuses("no entry", |model| drop(model.metadata_props.pop()));
    case.refuses("another input", |model| model.graph.as_mut().unwrap().input[0].name = "image".into());
    case.refuses("two outputs", |model| {
        let graph = model.graph.as_mut().unwrap();
        graph.output.push(graph.output[0].clone());
    });
    let open =
        check(&Bytes::copy_from_slice(&case.bytes), &case.folded, Batch::Dynamic, &case.metadata).unwrap_err();
    assert!(open.to_string().contains("the inputs"), "{open}");
    let bytes = &case.bytes[..case.bytes.len() / 2];
    assert!(matches!(case.check(bytes), Err(Error::ReadBack(_))));
}

#[test]
fn a_difference_names_the_node() {
    let mut case = Case::new(RANDOM);
    let at = case.folded.network.nodes.iter().position(|node| node.path == "gate.relu6").unwrap();
    case.folded.network.nodes[at].layer = Layer::Activation(Activation::Relu);
    let error = case.check(&case.bytes).unwrap_err().to_string();
    assert!(error.starts_with("check the written file: gate.relu6: expected"), "{error}");
}
