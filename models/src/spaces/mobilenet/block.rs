//! Blocks, and the strings that timm writes them as: `ir_r2_k3.5_a1.1_s2_e6_c40_se0.5_nsw`.
//!
//! Parts in any order after the kind: `r` repeats (only the first has the stride), `k` kernels of the depthwise
//! convolution, `a` and `p` groups of the expansion and projection (as many kernels of 1 as groups), `s` stride,
//! `e` expansion, `c` channels, `se` squeeze ratio, `n` activation, `noskip`. Source: `huggingface/pytorch-image-models:
//! timm/models/_efficientnet_builder.py`.

use std::fmt;

use super::names::{activation_by_code, code_of};
use crate::error::suggestion;
use crate::layer::Activation;

/// An inverted bottleneck: 1x1 expansion, depthwise convolution, squeeze-and-excitation, linear 1x1 projection.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Heights and widths of the depthwise kernels, odd. The channels are shared out among several (a mixed convolution).
    pub kernels: Vec<usize>,
    /// Expanded channels over input channels; none for a depthwise-separable block, which has no expansion convolution.
    pub expansion: Option<f64>,
    /// Groups of the expansion convolution and of the projection.
    pub groups: [usize; 2],
    /// Output channels.
    pub channels: usize,
    /// Stride of the depthwise convolution.
    pub stride: usize,
    /// Squeezed channels over those that [`super::Squeeze::of`] names; none without squeeze-and-excitation.
    pub se: Option<f64>,
    /// Its activation, where it is not the network's.
    pub activation: Option<Activation>,
    /// Whether the input is added to the output where their shapes are equal.
    pub residual: bool,
}

/// The most repeats of one string, and the most kernels or groups: no network has a tenth of it.
const MOST: usize = 100;

/// The blocks that a string stands for: several where it says so.
///
/// # Errors
/// With what is wrong, naming the part of the string.
pub fn parse(text: &str) -> Result<Vec<Block>, String> {
    let mut parts = text.split('_');
    let kind = parts.next().unwrap_or_default();
    let separable = match kind {
        "ds" => true,
        "ir" => false,
        other => return Err(format!("a block of kind ds or ir, not {other:?}")),
    };
    let mut draft = Draft::default();
    for part in parts {
        draft.take(part).map_err(|problem| format!("{problem} (part {part:?} of {text:?})"))?;
    }
    draft.blocks(separable).map_err(|problem| format!("{problem} (in {text:?})"))
}

/// The shortest list of strings that stands for these blocks.
#[must_use]
pub fn write(blocks: &[Block]) -> Vec<String> {
    let mut strings = Vec::new();
    let mut rest = blocks;
    while let Some(first) = rest.first() {
        let next = Block { stride: 1, ..first.clone() };
        let repeats = 1 + rest[1..].iter().take_while(|&block| *block == next).count();
        // Longer runs than a string may stand for go into several.
        let repeats = repeats.min(MOST);
        strings.push(Repeated { block: first, repeats }.to_string());
        rest = &rest[repeats..];
    }
    strings
}

/// The parts of a string as far as they were seen.
#[derive(Default)]
struct Draft {
    repeats: Option<usize>,
    kernels: Option<Vec<usize>>,
    groups: [Option<usize>; 2],
    stride: Option<usize>,
    expansion: Option<f64>,
    channels: Option<usize>,
    se: Option<f64>,
    activation: Option<Activation>,
    noskip: Option<()>,
}

impl Draft {
    fn take(&mut self, part: &str) -> Result<(), String> {
        if part == "noskip" {
            return once(&mut self.noskip, ());
        }
        let digits = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
        let (key, value) = part.split_at(digits);
        match key {
            "r" => once(&mut self.repeats, whole(value)?),
            "k" => once(&mut self.kernels, kernels(value)?),
            "a" => once(&mut self.groups[0], groups(value)?),
            "p" => once(&mut self.groups[1], groups(value)?),
            "s" => once(&mut self.stride, whole(value)?),
            "e" => once(&mut self.expansion, ratio(value)?),
            "c" => once(&mut self.channels, whole(value)?),
            "se" => once(&mut self.se, ratio(value)?),
            _ => match part.strip_prefix('n') {
                Some(code) => once(&mut self.activation, activation_by_code(code)?),
                None => Err(format!("an unknown part{}", suggestion(key, &KEYS))),
            },
        }
    }

    fn blocks(self, separable: bool) -> Result<Vec<Block>, String> {
        let repeats = self.repeats.unwrap_or(1);
        if !(1..=MOST).contains(&repeats) {
            return Err(format!("1 to {MOST} repeats, not {repeats}"));
        }
        let expansion = match (separable, self.expansion) {
            // timm writes e1 there.
            (true, None) => None,
            (true, Some(one)) if (one - 1.0).abs() < f64::EPSILON => None,
            (true, Some(other)) => return Err(format!("no expansion {other} in a block of kind ds")),
            (false, expansion) => Some(expansion.ok_or("an expansion e")?),
        };
        let first = Block {
            kernels: self.kernels.ok_or("a kernel k")?,
            expansion,
            groups: self.groups.map(|groups| groups.unwrap_or(1)),
            channels: self.channels.ok_or("channels c")?,
            stride: self.stride.unwrap_or(1),
            se: self.se.filter(|&ratio| ratio > 0.0),
            activation: self.activation,
            residual: self.noskip.is_none(),
        };
        let next = Block { stride: 1, ..first.clone() };
        Ok(std::iter::once(first).chain(std::iter::repeat_n(next, repeats - 1)).collect())
    }
}

const KEYS: [&str; 10] = ["r", "k", "a", "p", "s", "e", "c", "se", "n", "noskip"];

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err("each part once".into()),
    }
}

pub(super) fn whole(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "a whole number".into())
}

/// A ratio in plain decimals, so that what is written is what was read.
fn ratio(text: &str) -> Result<f64, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| plain).ok_or_else(|| "a number".into())
}

fn kernels(text: &str) -> Result<Vec<usize>, String> {
    let kernels: Vec<usize> = text.split('.').map(whole).collect::<Result<_, _>>()?;
    if kernels.len() > MOST { Err(format!("at most {MOST} kernels")) } else { Ok(kernels) }
}

/// As many kernels of 1 as there are groups.
fn groups(text: &str) -> Result<usize, String> {
    let kernels = kernels(text)?;
    if kernels.iter().all(|&kernel| kernel == 1) { Ok(kernels.len()) } else { Err("kernels of 1".into()) }
}

/// A block and those after it that differ at most in having stride 1.
struct Repeated<'a> {
    block: &'a Block,
    repeats: usize,
}

impl fmt::Display for Repeated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Block { kernels, expansion, groups, channels, stride, se, activation, residual } = self.block;
        let kind = if expansion.is_none() { "ds" } else { "ir" };
        write!(f, "{kind}_r{}_k{}", self.repeats, dotted(kernels))?;
        for (key, &groups) in ["a", "p"].iter().zip(groups).filter(|(_, groups)| **groups > 1) {
            write!(f, "_{key}{}", dotted(&vec![1; groups]))?;
        }
        write!(f, "_s{stride}_e{}_c{channels}", expansion.unwrap_or(1.0))?;
        if let Some(ratio) = se {
            write!(f, "_se{ratio}")?;
        }
        if let Some(activation) = activation {
            write!(f, "_n{}", code_of(*activation))?;
        }
        f.write_str(if *residual { "" } else { "_noskip" })
    }
}

fn dotted(kernels: &[usize]) -> String {
    kernels.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}
