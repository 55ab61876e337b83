//! Pools, and changes of shape.

use models::layer::{Layer, Pool};
use models::onnx::Attribute;

use super::{Group, Lifted, Settings};

impl<'a> Group<'a> {
    fn window(settings: &mut Settings<'_>) -> Result<Pool, String> {
        settings.expect("ceil_mode", &Attribute::Int(0))?;
        let [kernel, stride] = [settings.sizes::<2>("kernel_shape")?, settings.sizes::<2>("strides")?];
        let pads = settings.sizes::<4>("pads")?;
        if kernel != [kernel[0]; 2] || stride != [stride[0]; 2] || pads != [pads[0]; 4] {
            return Err(format!("a window of {kernel:?}, strides {stride:?}, pads {pads:?}"));
        }
        Ok(Pool { kernel: kernel[0], stride: stride[0], padding: pads[0] })
    }

    pub(super) fn max_pool(&self) -> Lifted<'a> {
        let mut settings = self.settings(0);
        let pool = Self::window(&mut settings)?;
        settings.expect("dilations", &Attribute::Ints(vec![1, 1]))?;
        settings.expect("storage_order", &Attribute::Int(0))?;
        settings.end()?;
        Ok((Layer::MaxPool(pool), vec![self.reads(0, &[""])?]))
    }

    pub(super) fn average_pool(&self) -> Lifted<'a> {
        let mut settings = self.settings(0);
        let pool = Self::window(&mut settings)?;
        settings.expect("count_include_pad", &Attribute::Int(0))?;
        settings.end()?;
        Ok((Layer::AvgPool(pool), vec![self.reads(0, &[""])?]))
    }

    fn ints(&self, suffix: &str) -> Result<Vec<i64>, String> {
        let constant =
            self.graph.initializers.get(&self.part(suffix)).filter(|constant| constant.dims.len() == 1);
        constant.and_then(|constant| constant.ints().ok()).ok_or_else(|| format!("no integers {suffix}"))
    }

    pub(super) fn flatten(&self) -> Lifted<'a> {
        let mut settings = self.settings(0);
        settings.expect("allowzero", &Attribute::Int(0))?;
        settings.end()?;
        let x = self.reads(0, &["", "shape"])?;
        let shape = self.ints("shape")?;
        if shape == [-1, self.of.elements() as i64] {
            Ok((Layer::Flatten, vec![x]))
        } else {
            Err(format!("a reshape to {shape:?}"))
        }
    }

    /// Where a slice of height and width starts, its step, and what it reads. It goes to the end.
    pub(super) fn slice(&self) -> Result<(i64, usize, &'a str), String> {
        let x = self.wired(0, &["", "starts", "ends", "axes", "steps"])?;
        let sides: Vec<i64> = self.of.dims().into_iter().skip(1).map(|side| side as i64).collect();
        let [starts, ends, axes, steps] =
            [self.ints("starts")?, self.ints("ends")?, self.ints("axes")?, self.ints("steps")?];
        match (&starts[..], &axes[..], &steps[..]) {
            (&[start, left], [2, 3], &[step, across])
                if start == left && step == across && step > 0 && ends == sides =>
            {
                Ok((start, step as usize, x))
            }
            _ => Err(format!("a slice from {starts:?} to {ends:?} along {axes:?} by {steps:?}")),
        }
    }

    pub(super) fn crop(&self) -> Lifted<'a> {
        match self.slice()? {
            (1, 1, x) => Ok((Layer::CropFirst, vec![x])),
            (start, step, _) => Err(format!("a slice from {start} by {step}")),
        }
    }

    pub(super) fn channels(&self) -> Lifted<'a> {
        let x = self.wired(0, &["", "starts", "ends", "axes"])?;
        let [starts, ends, axes] = [self.ints("starts")?, self.ints("ends")?, self.ints("axes")?];
        match (&starts[..], &ends[..], &axes[..]) {
            (&[start], &[end], [1]) if start >= 0 && end > start => {
                Ok((Layer::Channels { start: start as usize, count: (end - start) as usize }, vec![x]))
            }
            _ => Err(format!("a slice from {starts:?} to {ends:?} along {axes:?}")),
        }
    }

    pub(super) fn concat(&self) -> Lifted<'a> {
        let mut settings = self.settings(0);
        settings.expect("axis", &Attribute::Int(1))?;
        settings.end()?;
        Ok((Layer::Concat, self.nodes[0].inputs.iter().map(String::as_str).collect()))
    }
}
