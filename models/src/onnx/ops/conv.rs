//! Convolutions.

use super::{
    Family,
    call::{Call, Outcome, product},
    window::Window,
};
use crate::onnx::error::{Error, Result};

pub(super) const OPERATORS: Family = &[
    ("Conv", conv),
    ("ConvTranspose", conv_transpose),
    ("DeformConv", conv),
    ("com.microsoft:FusedConv", conv),
];

/// `[N, C, spatial...]` with weights `[M, C / group, kernel...]` gives `[N, M, spatial...]`.
pub(super) fn conv(call: &Call) -> Result<Outcome> {
    let Operands { batch, channels, spatial, kernel, group } = operands(call)?;
    let weights = call.dims(1)?;
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
    let Operands { batch, channels, spatial, kernel, group } = operands(call)?;
    let weights = call.dims(1)?;
    if weights[0] != channels || !channels.is_multiple_of(group) {
        return Err(call.mismatch(format!("weights that take {channels} channels in {group} groups")));
    }
    let out = match call.ints("output_shape")? {
        Some(sizes) if sizes.len() == spatial.len() => sizes
            .into_iter()
            .map(usize::try_from)
            .collect::<Result<_, _>>()
            .map_err(|_| call.mismatch("an output shape"))?,
        Some(_) => return Err(call.mismatch("an output size per spatial axis")),
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

fn operands<'a>(call: &Call<'a>) -> Result<Operands<'a>> {
    let group = call.int("group", 1)?;
    let group = usize::try_from(group).ok().filter(|&g| g > 0);
    let group =
        group.ok_or(Error::Attribute { name: "group".into(), problem: "it must be positive".into() })?;
    match (call.dims(0)?, call.dims(1)?) {
        ([batch, channels, spatial @ ..], [_, _, kernel @ ..]) if spatial.len() == kernel.len() => {
            Ok(Operands { batch: *batch, channels: *channels, spatial, kernel, group })
        }
        _ => Err(call.mismatch("[N, C, spatial...] and weights of the same rank")),
    }
}
