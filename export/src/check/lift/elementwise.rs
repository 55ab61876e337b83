//! Element-wise arithmetic.

use models::layer::{Activation, Layer};
use models::onnx::Attribute;

use super::{Group, Lifted};

impl<'a> Group<'a> {
    fn numbers(&self, expected: &[(&str, f32)]) -> Result<(), String> {
        for (suffix, value) in expected {
            let name = self.part(suffix);
            let constant = self.graph.initializers.get(&name).filter(|constant| constant.dims.is_empty());
            let found = constant.and_then(|constant| constant.floats().ok());
            if found.as_deref() != Some(&[*value]) {
                return Err(format!("{name} {found:?} instead of {value}"));
            }
        }
        Ok(())
    }

    /// A clip to 0 … 6; what it reads.
    pub(super) fn clip(&self, nth: usize) -> Result<&'a str, String> {
        self.numbers(&[("min", 0.0), ("max", 6.0)])?;
        self.wired(nth, &["", "min", "max"])
    }

    pub(super) fn swish(&self) -> Lifted<'a> {
        let x = self.wired(0, &[""])?;
        self.settings(1).end()?;
        self.exactly(1, &[x, &self.nodes[0].outputs[0]])?;
        Ok((Layer::Activation(Activation::Swish), vec![x]))
    }

    /// min(max(x + 3, 0), 6), for a hard swish times x, and all by 6.
    pub(super) fn hard(&self, activation: Activation) -> Lifted<'a> {
        let outputs: Vec<&str> = self.nodes.iter().map(|node| node.outputs[0].as_str()).collect();
        let last = self.nodes.len() - 1;
        self.numbers(&[("three", 3.0), ("six", 6.0)])?;
        let x = self.wired(0, &["", "three"])?;
        self.clip(1)?;
        self.exactly(1, &[outputs[0], &self.part("min"), &self.part("max")])?;
        if last == 3 {
            self.exactly(2, &[x, outputs[1]])?;
            self.settings(2).end()?;
        }
        self.exactly(last, &[outputs[last - 1], &self.part("six")])?;
        self.settings(last).end()?;
        Ok((Layer::Activation(activation), vec![x]))
    }

    pub(super) fn hard_sigmoid(&self) -> Lifted<'a> {
        let mut settings = self.settings(0);
        settings.expect("alpha", &Attribute::Float(1.0 / 6.0))?;
        settings.expect("beta", &Attribute::Float(0.5))?;
        settings.end()?;
        let x = self.reads(0, &[""])?;
        Ok((Layer::Activation(Activation::HardSigmoid), vec![x]))
    }

    pub(super) fn zero(&self) -> Lifted<'a> {
        self.numbers(&[("factor", 0.0)])?;
        let last = self.nodes.len() - 1;
        let product = self.wired(last, &["", "factor"])?;
        if last == 0 {
            return Ok((Layer::Zero { stride: 1 }, vec![product]));
        }
        self.exactly(1, &[self.nodes[0].outputs[0].as_str(), &self.part("factor")])?;
        match self.slice()? {
            (0, stride, x) => Ok((Layer::Zero { stride }, vec![x])),
            (start, ..) => Err(format!("a slice from {start}")),
        }
    }

    pub(super) fn scale(&self) -> Lifted<'a> {
        self.settings(0).end()?;
        Ok((Layer::Scale, self.nodes[0].inputs.iter().map(String::as_str).collect()))
    }

    /// A chain of sums: the first term, then one more per node.
    pub(super) fn sum(&self) -> Lifted<'a> {
        let mut terms: Vec<&str> = self.nodes[0].inputs.iter().map(String::as_str).collect();
        for (nth, pair) in self.nodes.windows(2).enumerate() {
            let [before, node] = pair else { continue };
            let last = node.inputs.last().map_or("", String::as_str);
            self.exactly(nth + 1, &[&before.outputs[0], last])?;
            terms.push(last);
        }
        (0..self.nodes.len()).try_for_each(|nth| self.settings(nth).end())?;
        Ok((Layer::Add, terms))
    }
}
