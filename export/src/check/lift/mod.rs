//! From ONNX nodes back to a layer: what lowering does, read the other way and written independently of it.

mod elementwise;
mod weighted;
mod window;

use models::layer::{Activation, BatchNorm, Layer};
use models::onnx::{Graph, Node};
use models::shape::Shape;

use super::attributes::Settings;

/// A batch normalisation of which only factor and summand are left.
pub(super) const NORM: Layer = Layer::BatchNorm(BatchNorm::new(true));

/// The consecutive ONNX nodes that make up one layer.
pub(super) struct Group<'a> {
    pub(super) graph: &'a Graph,
    /// Path of the layer's node.
    pub(super) path: &'a str,
    /// Name of its result.
    pub(super) output: &'a str,
    pub(super) nodes: &'a [Node],
    /// Shape of what the layer reads first.
    pub(super) of: Shape,
}

/// A layer and the names of the values it reads, or what is wrong.
type Lifted<'a> = Result<(Layer, Vec<&'a str>), String>;

impl<'a> Group<'a> {
    /// The layer that the nodes compute.
    pub(super) fn lift(&self) -> Lifted<'a> {
        self.check_names()?;
        let ops: Vec<&str> = self.nodes.iter().map(|node| node.op_type.as_str()).collect();
        match ops[..] {
            ["Conv"] => self.conv(),
            ["Gemm"] => self.linear(),
            ["Mul", "Add"] => self.norm(),
            ["Clip"] => self.clip(0).map(|x| (Layer::Activation(Activation::Relu6), vec![x])),
            ["Sigmoid", "Mul"] => self.swish(),
            ["Add", "Clip", "Div"] => self.hard(Activation::HardSigmoid),
            ["Add", "Clip", "Mul", "Div"] => self.hard(Activation::HardSwish),
            ["MaxPool"] => self.max_pool(),
            ["AveragePool"] => self.average_pool(),
            ["Reshape"] => self.flatten(),
            ["Slice"] if self.nodes[0].inputs.len() == 4 => self.channels(),
            ["Slice"] => self.crop(),
            ["Slice", "Mul"] => self.zero(),
            ["Mul"] if self.nodes[0].inputs.get(1).is_some_and(|name| *name == self.part("factor")) => {
                self.zero()
            }
            ["Mul"] => self.scale(),
            ["Concat"] => self.concat(),
            ["Relu"] => self.unary(Layer::Activation(Activation::Relu)),
            ["Sigmoid"] => self.unary(Layer::Activation(Activation::Sigmoid)),
            ["HardSwish"] => self.unary(Layer::Activation(Activation::HardSwish)),
            ["HardSigmoid"] => self.hard_sigmoid(),
            ["GlobalAveragePool"] => self.unary(Layer::GlobalAvgPool),
            [] => Err("no node of this name".into()),
            _ if ops.iter().all(|&op| op == "Add") => self.sum(),
            _ => Err(ops.join(", ")),
        }
    }

    /// Nodes give one value each: the last one the layer's, the others one of their own name below the path.
    fn check_names(&self) -> Result<(), String> {
        let Some((last, parts)) = self.nodes.split_last() else { return Ok(()) };
        let below =
            |node: &&Node| !node.name.starts_with(&self.part("")) || node.outputs != [node.name.as_str()];
        match parts.iter().find(below) {
            Some(node) => Err(format!("the node {} with outputs {:?}", node.name, node.outputs)),
            None if last.outputs != [self.output] => Err(format!("outputs {:?}", last.outputs)),
            None => Ok(()),
        }
    }

    fn part(&self, suffix: &str) -> String {
        format!("{}.{suffix}", self.path)
    }

    fn settings(&self, nth: usize) -> Settings<'a> {
        Settings::of(&self.nodes[nth])
    }

    /// Node `nth`, which has no settings, reads these values. An empty name stands for the layer's own input, which is
    /// returned.
    fn wired(&self, nth: usize, expected: &[&str]) -> Result<&'a str, String> {
        self.settings(nth).end()?;
        self.reads(nth, expected)
    }

    fn reads(&self, nth: usize, expected: &[&str]) -> Result<&'a str, String> {
        let node = &self.nodes[nth];
        let wanted = |suffix: &str| if suffix.is_empty() { None } else { Some(self.part(suffix)) };
        let fits = |(found, suffix): (&String, &&str)| wanted(suffix).is_none_or(|wanted| *found == wanted);
        if node.inputs.len() != expected.len() || !node.inputs.iter().zip(expected).all(fits) {
            return Err(format!("{} reading {:?}", node.name, node.inputs));
        }
        let own = expected.iter().position(|suffix| suffix.is_empty());
        own.map(|at| node.inputs[at].as_str()).ok_or_else(|| "no input of its own".into())
    }

    fn unary(&self, layer: Layer) -> Lifted<'a> {
        self.wired(0, &[""]).map(|x| (layer, vec![x]))
    }

    /// Node `nth` reads exactly these values.
    fn exactly(&self, nth: usize, expected: &[&str]) -> Result<(), String> {
        let node = &self.nodes[nth];
        if node.inputs == expected { Ok(()) } else { Err(format!("{} reading {:?}", node.name, node.inputs)) }
    }
}
