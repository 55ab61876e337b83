//! The 19-layer network of the paper's `ImageNet` search, by its choices: `E6_K3,skip,E3_K5_SE,...`.
//!
//! Source: search-space of `FairNAS` (Chu et al. 2019), which `NoisyDARTS` searches with the identity added; 13 layers keep
//! the shape and so may be skipped.

use super::{Block, MobileNet, Squeeze};
use crate::error::Error;

/// Output channels of each stage, its number of layers, and the stride of its first one.
const STAGES: [(usize, usize, usize); 6] =
    [(32, 2, 2), (40, 4, 2), (80, 4, 2), (96, 4, 1), (192, 4, 2), (320, 1, 1)];
/// Number of layers.
const LAYERS: usize = 19;
/// Squeezed channels over a block's input channels, in a layer that ends in `_SE`.
const SQUEEZE: f64 = 0.25;

/// One layer's choice; none is the identity.
type Choice = Option<(f64, usize, bool)>;

/// The network of these choices: 19, or one for all layers; separated by commas.
///
/// Each is `Ex_Ky` (expansion x, kernel y), with `_SE` behind it where it has squeeze-and-excitation, or `skip`.
///
/// # Errors
/// Names the choice at fault, and its layer.
pub fn backbone(choices: &str) -> Result<MobileNet, Error> {
    let parsed: Vec<Choice> = choices
        .split(',')
        .map(|text| choice(text.trim()).map_err(|e| refused(text, e)))
        .collect::<Result<_, _>>()?;
    let choices = match parsed.len() {
        1 => vec![parsed[0]; LAYERS],
        LAYERS => parsed,
        found => return Err(refused(choices, format!("1 or {LAYERS} choices, found {found}"))),
    };
    let mut blocks = vec![block(Some((1.0, 3, false)), 16, 1)];
    let sites = STAGES.iter().flat_map(|&(channels, layers, stride)| {
        (0..layers).map(move |nth| (channels, if nth == 0 { stride } else { 1 }, nth == 0))
    });
    for (layer, (choice, (channels, stride, changes_shape))) in choices.into_iter().zip(sites).enumerate() {
        match choice {
            None if changes_shape => {
                let problem =
                    format!("a choice other than skip in layer {}, which changes the shape", layer + 1);
                return Err(refused("skip", problem));
            }
            None => {}
            some => blocks.push(block(some, channels, stride)),
        }
    }
    let network = MobileNet { blocks, ..MobileNet::plain() };
    Ok(MobileNet { squeeze: Some(Squeeze::plain(&network)), ..network })
}

fn choice(text: &str) -> Result<Choice, String> {
    if text == "skip" {
        return Ok(None);
    }
    let form = || String::from("Ex_Ky, Ex_Ky_SE or skip");
    let (expansion, rest) = text.strip_prefix('E').and_then(|rest| rest.split_once("_K")).ok_or_else(form)?;
    let (kernel, squeezes) = rest.strip_suffix("_SE").map_or((rest, false), |kernel| (kernel, true));
    let expansion: usize = expansion.parse().map_err(|_| form())?;
    Ok(Some((expansion as f64, kernel.parse().map_err(|_| form())?, squeezes)))
}

/// A block; at expansion 1 without expansion convolution.
fn block(choice: Choice, channels: usize, stride: usize) -> Block {
    let (expansion, kernel, squeezes) = choice.unwrap_or((1.0, 1, false));
    Block {
        kernels: vec![kernel],
        expansion: (expansion > 1.0).then_some(expansion),
        groups: [1, 1],
        channels,
        stride,
        se: squeezes.then_some(SQUEEZE),
        activation: None,
        residual: true,
    }
}

fn refused(found: &str, expected: impl Into<String>) -> Error {
    Error::Size { what: "the choices", expected: expected.into(), found: format!("{found:?}") }
}
