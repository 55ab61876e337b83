//! Shape inference: what each layer makes of its inputs' shapes, and what it refuses.

use crate::layer::{Conv2d, Layer, Pool};
use crate::shape::Shape;

/// Why a layer cannot take its inputs: what it expected, what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What the layer can take.
    pub expected: String,
    /// What it was given.
    pub found: String,
}

type Inferred = Result<Shape, Mismatch>;

fn mismatch(expected: impl Into<String>, found: impl ToString) -> Mismatch {
    Mismatch { expected: expected.into(), found: found.to_string() }
}

impl Layer {
    /// The output's shape for inputs of these shapes.
    ///
    /// # Errors
    /// When the number of inputs or a shape does not fit; says what was expected.
    pub fn output(&self, inputs: &[Shape]) -> Inferred {
        match self {
            Self::Input => Err(mismatch("to be the first node", format!("{} inputs", inputs.len()))),
            Self::Conv2d(conv) => convolved(conv, map(one(inputs)?)?),
            Self::Linear(out) => vector(one(inputs)?).map(|_| Shape::Vector(*out)),
            Self::BatchNorm(_) | Self::Activation(_) | Self::DropPath | Self::Dropout(_) => one(inputs),
            Self::MaxPool(pool) | Self::AvgPool(pool) => pooled(pool, map(one(inputs)?)?),
            Self::GlobalAvgPool => map(one(inputs)?).map(|[c, _, _]| Shape::map(c, 1, 1)),
            Self::Flatten => one(inputs).map(|shape| Shape::Vector(shape.elements())),
            Self::CropFirst => cropped(map(one(inputs)?)?),
            Self::Channels { start, count } => run_of_channels(*start, *count, map(one(inputs)?)?),
            Self::Shuffle { groups } => shuffled(*groups, map(one(inputs)?)?),
            Self::Zero { stride } | Self::Noise { stride } => {
                map(one(inputs)?).map(|[c, h, w]| Shape::map(c, h.div_ceil(*stride), w.div_ceil(*stride)))
            }
            Self::Add | Self::Mix(_) => equal(inputs),
            Self::Concat => concatenated(inputs),
            Self::Scale => scaled(inputs),
        }
    }
}

fn one(inputs: &[Shape]) -> Inferred {
    match inputs {
        [shape] => Ok(*shape),
        _ => Err(mismatch("one input", format!("{} inputs", inputs.len()))),
    }
}

fn map(shape: Shape) -> Result<[usize; 3], Mismatch> {
    match shape {
        Shape::Map { channels, height, width } => Ok([channels, height, width]),
        Shape::Vector(_) => Err(mismatch("a feature map", format!("a vector of {shape}"))),
    }
}

fn vector(shape: Shape) -> Result<usize, Mismatch> {
    match shape {
        Shape::Vector(features) => Ok(features),
        Shape::Map { .. } => Err(mismatch("a vector", format!("a feature map {shape}"))),
    }
}

fn equal(inputs: &[Shape]) -> Inferred {
    let first = *inputs.first().ok_or_else(|| mismatch("at least one input", "none"))?;
    match inputs.iter().find(|&&shape| shape != first) {
        None => Ok(first),
        Some(other) => Err(mismatch(format!("all inputs {first}"), other)),
    }
}

fn concatenated(inputs: &[Shape]) -> Inferred {
    let first = *inputs.first().ok_or_else(|| mismatch("at least one input", "none"))?;
    let [_, height, width] = map(first)?;
    let mut channels = 0;
    for &shape in inputs {
        let [c, h, w] = map(shape)?;
        if [h, w] != [height, width] {
            return Err(mismatch(format!("all inputs {height}x{width}"), shape));
        }
        channels += c;
    }
    Ok(Shape::map(channels, height, width))
}

fn scaled(inputs: &[Shape]) -> Inferred {
    let [x, gate] = inputs else {
        return Err(mismatch("a map and a gate", format!("{} inputs", inputs.len())));
    };
    let [channels, _, _] = map(*x)?;
    let expected = Shape::map(channels, 1, 1);
    if *gate == expected { Ok(*x) } else { Err(mismatch(format!("a gate {expected}"), gate)) }
}

fn cropped([channels, height, width]: [usize; 3]) -> Inferred {
    if height < 2 || width < 2 {
        return Err(mismatch("at least 2x2 pixels", Shape::map(channels, height, width)));
    }
    Ok(Shape::map(channels, height - 1, width - 1))
}

fn run_of_channels(start: usize, count: usize, [channels, height, width]: [usize; 3]) -> Inferred {
    match start.checked_add(count) {
        Some(end) if count > 0 && end <= channels => Ok(Shape::map(count, height, width)),
        _ => Err(mismatch(format!("{count} channels from channel {start} on"), format!("{channels} channels"))),
    }
}

fn shuffled(groups: usize, [channels, height, width]: [usize; 3]) -> Inferred {
    if groups == 0 || !channels.is_multiple_of(groups) {
        return Err(mismatch(format!("channels divisible by {groups} groups"), channels));
    }
    Ok(Shape::map(channels, height, width))
}

fn convolved(conv: &Conv2d, [channels, height, width]: [usize; 3]) -> Inferred {
    if conv.groups == 0 || !channels.is_multiple_of(conv.groups) || !conv.out.is_multiple_of(conv.groups) {
        return Err(mismatch(
            format!("input and output channels divisible by {} groups", conv.groups),
            format!("{channels} in, {} out", conv.out),
        ));
    }
    let window = |size, axis: usize| {
        let reach = conv.dilation[axis] * (conv.kernel[axis] - 1) + 1;
        windows(size, reach, conv.stride[axis], conv.padding[axis])
    };
    Ok(Shape::map(conv.out, window(height, 0)?, window(width, 1)?))
}

fn pooled(pool: &Pool, [channels, height, width]: [usize; 3]) -> Inferred {
    let window = |size| windows(size, pool.kernel, pool.stride, pool.padding);
    Ok(Shape::map(channels, window(height)?, window(width)?))
}

/// How many windows of `reach` pixels fit a padded `size` at this stride.
fn windows(size: usize, reach: usize, stride: usize, padding: usize) -> Result<usize, Mismatch> {
    let padded = size + 2 * padding;
    if stride == 0 || padded < reach {
        return Err(mismatch(format!("at least {reach} pixels after padding, stride at least 1"), padded));
    }
    Ok((padded - reach) / stride + 1)
}
