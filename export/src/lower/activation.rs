//! Nonlinearities, in the forms that runtimes run best.

use models::layer::Activation;

use super::Lowering;
use crate::onnx::{Value, op};
use crate::options::Target;

impl Lowering<'_> {
    /// Appends a nonlinearity.
    pub(super) fn activation(&mut self, path: &str, activation: Activation, x: &Value) -> Value {
        let mobile = self.options.target == Target::Mobile;
        match activation {
            Activation::Relu => self.graph.push(path, &op::Relu, &[x]),
            Activation::Relu6 => self.clip6(path, path, x),
            Activation::Sigmoid => self.graph.push(path, &op::Sigmoid, &[x]),
            // Runtimes fuse these two; the operator Swish of opset 24 they take apart again, slower.
            Activation::Swish => {
                let gate = self.graph.push(&format!("{path}.sigmoid"), &op::Sigmoid, &[x]);
                self.graph.push(path, &op::Mul, &[x, &gate])
            }
            Activation::HardSwish if mobile => {
                let gate = self.shifted_clip(path, x);
                let product = self.graph.push(&format!("{path}.mul"), &op::Mul, &[x, &gate]);
                self.sixth(path, &product)
            }
            Activation::HardSwish => self.graph.push(path, &op::HardSwish, &[x]),
            Activation::HardSigmoid if mobile => {
                let gate = self.shifted_clip(path, x);
                self.sixth(path, &gate)
            }
            Activation::HardSigmoid => self.graph.push(path, &op::HardSigmoid, &[x]),
        }
    }

    /// min(max(x, 0), 6) as the node `path`, its limits named after `owner`.
    fn clip6(&mut self, path: &str, owner: &str, x: &Value) -> Value {
        let least = self.number(owner, "min", 0.0);
        let most = self.number(owner, "max", 6.0);
        self.graph.push(path, &op::Clip, &[x, &least, &most])
    }

    /// min(max(x + 3, 0), 6)
    fn shifted_clip(&mut self, path: &str, x: &Value) -> Value {
        let three = self.number(path, "three", 3.0);
        let shifted = self.graph.push(&format!("{path}.add"), &op::Add, &[x, &three]);
        self.clip6(&format!("{path}.clip"), path, &shifted)
    }

    /// x / 6
    fn sixth(&mut self, path: &str, x: &Value) -> Value {
        let six = self.number(path, "six", 6.0);
        self.graph.push(path, &op::Div, &[x, &six])
    }
}
