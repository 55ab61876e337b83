//! Convolutions.

use super::{
    Family,
    call::{Call, Outcome, product},
    window::Window,
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family = &[
    ("Conv", |call| conv(call, 1)),
    ("ConvInteger", |call| conv(call, 1)),
    ("QLinearConv", |call| conv(call, 3)),
    ("com.microsoft:FusedConv", |call| conv(call, 1)),
    ("ConvTranspose", conv_transpose),
];

/// `[N, C, spatial...]` with weights `[M, C / group, kernel...]` gives `[N, M, spatial...]`; the weights are this input.
fn conv(call: &Call, index: usize) -> Result<Outcome> {
    let Operands { batch, channels, spatial, kernel, group } = operands(call, index)?;
    let weights = call.dims(index)?;
    if weights[1].checked_mul(group) != Some(channels) || !weights[0].is_multiple_of(group) {
        return Err(call.mismatch(format!("weights that take {channels} channels in {group} groups")));
    }
    let out = Window::new(call, Some(kernel))?.forward(call, spatial)?;
    let per_output = weights[1..].iter().copied();
    let macs = product([batch, weights[0]].into_iter().chain(out.iter().copied()).chain(per_output))?;
    Outcome::counted([vec![batch, weights[0]], out].concat(), macs)
}

/// `[N, C, spatial...]` with weights `[C, M / group, kernel...]` gives `[N, M, spatial...]`.
fn conv_transpose(call: &Call) -> Result<Outcome> {
    let Operands { batch, channels, spatial, kernel, group } = operands(call, 1)?;
    let weights = call.dims(1)?;
    if weights[0] != channels || !channels.is_multiple_of(group) {
        return Err(call.mismatch(format!("weights that take {channels} channels in {group} groups")));
    }
    let out = match call.ints("output_shape")? {
        Some(sizes) => sizes
            .into_iter()
            .map(usize::try_from)
            .collect::<Result<_, _>>()
            .map_err(|_| call.mismatch("an output shape"))?,
        None => Window::new(call, Some(kernel))?.transposed(call, spatial)?,
    };
    let per_input = weights[1..].iter().copied();
    let macs = product([batch, channels].into_iter().chain(spatial.iter().copied()).chain(per_input))?;
    let filters = weights[1].checked_mul(group).ok_or(Error::Overflow { what: "channels" })?;
    Outcome::counted([vec![batch, filters], out].concat(), macs)
}

struct Operands<'a> {
    batch: usize,
    channels: usize,
    spatial: &'a [usize],
    kernel: &'a [usize],
    group: usize,
}

fn operands<'a>(call: &Call<'a>, index: usize) -> Result<Operands<'a>> {
    let group = call.positive("group")?;
    match (call.dims(0)?, call.dims(index)?) {
        ([batch, channels, spatial @ ..], [_, _, kernel @ ..]) if spatial.len() == kernel.len() => {
            Ok(Operands { batch: *batch, channels: *channels, spatial, kernel, group })
        }
        _ => Err(call.mismatch("[N, C, spatial...] and weights of the same rank")),
    }
}
