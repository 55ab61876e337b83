//! The 19-layer network of the paper's `ImageNet` search, by its choices: `E6_K3,skip,E3_K5_SE,...`.
//!
//! Source: search-space of `FairNAS` (Chu et al. 2019), which `NoisyDARTS` searches with the identity added; 13 layers keep
//! the shape and so may be skipped.

use super::{Block, MobileNet, Squeeze};
use crate::error::Error;
use crate::primitive::SKIP_CONNECT;

/// Output channels of each stage, its number of layers, and the stride of its first one.
const STAGES: [(usize, usize, usize); 6] =
    [(32, 2, 2), (40, 4, 2), (80, 4, 2), (96, 4, 1), (192, 4, 2), (320, 1, 1)];
/// Number of layers.
pub(super) const LAYERS: usize = 19;
/// Squeezed channels over a block's input channels, in a layer that ends in `_SE`.
const SQUEEZE: f64 = 0.25;

/// One layer's choice; none is the identity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    expansion: f64,
    kernel: usize,
    squeezes: bool,
}

/// The place of a layer in the backbone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    /// Output channels.
    channels: usize,
    stride: usize,
    /// Whether output and input differ in shape, so that the layer cannot be left out.
    pub(super) changes_shape: bool,
}

/// The network of these choices: 19, or one for all layers; separated by commas.
///
/// Each is `Ex_Ky` (expansion x, kernel y), with `_SE` behind it where it has squeeze-and-excitation, or `skip`.
///
/// # Errors
/// Names the choice at fault, and its layer.
pub fn backbone(choices: &str) -> Result<MobileNet, Error> {
    let names: Vec<&str> = choices.split(',').map(str::trim).collect();
    match names[..] {
        [one] => of_layers(&[one; LAYERS]),
        _ if names.len() == LAYERS => of_layers(&names),
        _ => Err(refused(choices, format!("1 or {LAYERS} choices, found {}", names.len()))),
    }
}

/// The network of the first layers of the backbone, one choice each, and its head.
///
/// # Errors
/// As [`backbone`].
pub(super) fn of_layers(choices: &[&str]) -> Result<MobileNet, Error> {
    if !(1..=LAYERS).contains(&choices.len()) {
        return Err(refused(&choices.join(","), format!("1 to {LAYERS} choices, found {}", choices.len())));
    }
    let mut network = bare();
    for (layer, (name, site)) in choices.iter().zip(sites()).enumerate() {
        match choice_of(name).map_err(|expected| refused(name, expected))? {
            None if site.changes_shape => {
                let layer = layer + 1;
                let problem = format!("a choice other than skip in layer {layer}, which changes the shape");
                return Err(refused("skip", problem));
            }
            None => {}
            Some(choice) => network.blocks.push(choice.block(site)),
        }
    }
    Ok(network)
}

/// The backbone without its searched layers.
pub(super) fn bare() -> MobileNet {
    let first = Choice { expansion: 1.0, kernel: 3, squeezes: false };
    let site = Site { channels: 16, stride: 1, changes_shape: true };
    let network = MobileNet { blocks: vec![first.block(site)], ..MobileNet::plain() };
    MobileNet { squeeze: Some(Squeeze::plain(&network)), ..network }
}

/// The places of the 19 layers.
pub(super) fn sites() -> impl Iterator<Item = Site> {
    STAGES.iter().flat_map(|&(channels, layers, stride)| {
        (0..layers).map(move |nth| Site {
            channels,
            stride: if nth == 0 { stride } else { 1 },
            changes_shape: nth == 0,
        })
    })
}

/// The choice of this name; none for a skip connection. The problem fits "expected …".
pub(crate) fn choice_of(text: &str) -> Result<Option<Choice>, String> {
    if text == "skip" || text == SKIP_CONNECT {
        return Ok(None);
    }
    let form = || String::from("Ex_Ky, Ex_Ky_SE or skip");
    let (expansion, rest) = text.strip_prefix('E').and_then(|rest| rest.split_once("_K")).ok_or_else(form)?;
    let (kernel, squeezes) = rest.strip_suffix("_SE").map_or((rest, false), |kernel| (kernel, true));
    let expansion: usize = expansion.parse().map_err(|_| form())?;
    Ok(Some(Choice { expansion: expansion as f64, kernel: kernel.parse().map_err(|_| form())?, squeezes }))
}

impl Choice {
    /// The block; at expansion 1 without expansion convolution.
    pub(super) fn block(self, site: Site) -> Block {
        Block {
            kernels: vec![self.kernel],
            expansion: (self.expansion > 1.0).then_some(self.expansion),
            groups: [1, 1],
            channels: site.channels,
            stride: site.stride,
            se: self.squeezes.then_some(SQUEEZE),
            activation: None,
            residual: true,
        }
    }
}

fn refused(found: &str, expected: impl Into<String>) -> Error {
    Error::Size { what: "the choices", expected: expected.into(), found: format!("{found:?}") }
}
