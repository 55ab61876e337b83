//! Pools.

use super::{
    Family,
    call::{Call, Outcome},
    window::Window,
};
use crate::onnx::error::Result;

pub(super) const OPERATORS: Family = &[
    ("MaxPool", |call| pool(call, false)),
    ("AveragePool", |call| pool(call, false)),
    ("LpPool", |call| pool(call, false)),
    ("GlobalAveragePool", |call| global(call, false)),
    ("GlobalMaxPool", |call| global(call, false)),
    ("GlobalLpPool", |call| global(call, false)),
    ("com.microsoft:NhwcMaxPool", |call| pool(call, true)),
    ("com.microsoft:QLinearAveragePool", |call| pool(call, call.int("channels_last", 0)? != 0)),
    ("com.microsoft:QLinearGlobalAveragePool", |call| global(call, call.int("channels_last", 0)? != 0)),
];

/// `[N, C, spatial...]` gives `[N, C, windows...]`; `MaxPool`'s second output has the same shape.
fn pool(call: &Call, channels_last: bool) -> Result<Outcome> {
    let map = Map::new(call, channels_last)?;
    let out = Window::new(call, None)?.forward(call, &map.spatial)?;
    Ok(Outcome::shape(map.with(out))?.repeated(2))
}

/// `[N, C, spatial...]` gives `[N, C, 1...]`.
fn global(call: &Call, channels_last: bool) -> Result<Outcome> {
    let map = Map::new(call, channels_last)?;
    let ones = vec![1; map.spatial.len()];
    Outcome::shape(map.with(ones))
}

/// The shape of an input, `[N, C, spatial...]` or `[N, spatial..., C]`.
struct Map {
    batch: usize,
    channels: usize,
    spatial: Vec<usize>,
    channels_last: bool,
}

impl Map {
    fn new(call: &Call, channels_last: bool) -> Result<Self> {
        let (batch, channels, spatial) = match call.dims(0)? {
            [n, spatial @ .., c] if channels_last => (*n, *c, spatial),
            [n, c, spatial @ ..] if !channels_last => (*n, *c, spatial),
            _ => return Err(call.mismatch("a batch, channels and spatial axes")),
        };
        Ok(Self { batch, channels, spatial: spatial.to_vec(), channels_last })
    }

    fn with(&self, spatial: Vec<usize>) -> Vec<usize> {
        let (batch, channels) = (vec![self.batch], vec![self.channels]);
        let order = if self.channels_last { [batch, spatial, channels] } else { [batch, channels, spatial] };
        order.concat()
    }
}
