//! Layers with weights.

use models::layer::{Conv2d, Layer};
use models::onnx::Attribute;

use super::{Group, Lifted, NORM};

impl<'a> Group<'a> {
    /// Output channels by the dimensions of the weight.
    fn out(&self) -> Result<usize, String> {
        let weight = self.graph.initializers.get(&self.part("weight"));
        weight.and_then(|weight| weight.dims.first().copied()).ok_or_else(|| "no weight".into())
    }

    pub(super) fn conv(&self) -> Lifted<'a> {
        let bias = self.nodes[0].inputs.len() == 3;
        let x = self.reads(0, if bias { &["", "weight", "bias"] } else { &["", "weight"] })?;
        let mut settings = self.settings(0);
        let [top, left, bottom, right] = settings.sizes("pads")?;
        if [top, left] != [bottom, right] {
            return Err(format!("pads {:?}", [top, left, bottom, right]));
        }
        let conv = Conv2d {
            out: self.out()?,
            kernel: settings.sizes("kernel_shape")?,
            stride: settings.sizes("strides")?,
            padding: [top, left],
            dilation: settings.sizes("dilations")?,
            groups: settings.size("group")?,
            bias,
        };
        settings.end().map(|()| (Layer::Conv2d(conv), vec![x]))
    }

    pub(super) fn linear(&self) -> Lifted<'a> {
        let x = self.reads(0, &["", "weight", "bias"])?;
        let mut settings = self.settings(0);
        for (name, value) in [("alpha", Attribute::Float(1.0)), ("beta", Attribute::Float(1.0))] {
            settings.expect(name, &value)?;
        }
        for (name, value) in [("transA", 0), ("transB", 1)] {
            settings.expect(name, &Attribute::Int(value))?;
        }
        settings.end()?;
        Ok((Layer::Linear(self.out()?), vec![x]))
    }

    pub(super) fn norm(&self) -> Lifted<'a> {
        let x = self.wired(0, &["", "scale"])?;
        self.settings(1).end()?;
        self.exactly(1, &[self.nodes[0].outputs[0].as_str(), &self.part("shift")])?;
        Ok((NORM, vec![x]))
    }
}
