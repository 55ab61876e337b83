//! A mobile network as text: settings `name=value`, then timm's block strings.
//!
//! ```text
//! act=relu6 stem=32 head=1280      # what is left out is as below
//! [['ds_r1_k3_s1_e1_c16'],         # brackets, quotes and commas are skipped,
//!  ['ir_r2_k3_s2_e6_c24']]         # so that lists of Python can be pasted
//! ```
//! Settings: `size=224`, `classes=1000`, `act=relu`, `stem=32`, `stem_act=`, `head=1280`, `head_act=`, `hidden=` (a layer
//! behind the mean), `dropout=0`, and `se=input:ACT:sigmoid:1` for squeeze-and-excitation: what its ratios refer to
//! (`input` or `expanded`), its activation, its gate, the divisor of its channels. A last string `cn_r1_k1_s1_c960` is the head's 1x1
//! convolution.

use std::fmt::{self, Write as _};

use super::block::whole;
use super::names::{activation_by_code, activation_by_name, name_of};
use super::{Head, MobileNet, Reference, Squeeze, Stem, block};
use crate::error::Error;
use crate::genotype::error_at;
use crate::layer::Activation;

impl MobileNet {
    /// Reads the text form.
    ///
    /// # Errors
    /// Names line, column and what was expected there.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut network = Self::plain();
        let mut se = None;
        let mut ended = false;
        for (offset, token) in tokens(text) {
            let wrong = |expected: String| error_at(text, offset, &expected);
            if ended {
                return Err(wrong("nothing behind the convolution of the head".into()));
            }
            if let Some((key, value)) = token.split_once('=') {
                network.set(key, value, &mut se).map_err(wrong)?;
            } else if let Some(rest) = token.strip_prefix("cn_r1_k1_s1_c") {
                network.head.take(rest).map_err(wrong)?;
                ended = true;
            } else {
                network.blocks.extend(block::parse(token).map_err(wrong)?);
            }
        }
        if network.blocks.is_empty() {
            return Err(error_at(text, text.len(), "a block string"));
        }
        if network.blocks.iter().any(|block| block.se.is_some()) {
            network.squeeze = Some(se.unwrap_or_else(|| Squeeze::plain(&network)));
        }
        Ok(network)
    }

    /// What timm assumes where nothing else is said.
    pub(super) fn plain() -> Self {
        Self {
            size: [224, 224],
            classes: 1000,
            activation: Activation::Relu,
            squeeze: None,
            stem: Stem { channels: 32, activation: None },
            blocks: vec![],
            head: Head { channels: 1280, hidden: None, activation: None, dropout: 0.0 },
        }
    }

    fn set(&mut self, key: &str, value: &str, se: &mut Option<Squeeze>) -> Result<(), String> {
        match key {
            "size" => self.size = [whole(value)?; 2],
            "classes" => self.classes = whole(value)?,
            "act" => self.activation = activation_by_name(value)?,
            "stem" => self.stem.channels = whole(value)?,
            "stem_act" => self.stem.activation = Some(activation_by_name(value)?),
            "head" => self.head.channels = whole(value)?,
            "head_act" => self.head.activation = Some(activation_by_name(value)?),
            "hidden" => self.head.hidden = Some(whole(value)?),
            "dropout" => self.head.dropout = share(value)?,
            "se" => *se = Some(Squeeze::parse(value)?),
            _ => {
                let known = SETTINGS.join(", ");
                return Err(format!("one of the settings {known}"));
            }
        }
        Ok(())
    }
}

/// Whether a text has the form of a mobile network rather than that of a genotype: whether it has a block string.
#[must_use]
pub fn is_text(text: &str) -> bool {
    tokens(text).any(|(_, token)| token.starts_with("ds_") || token.starts_with("ir_"))
}

const SETTINGS: [&str; 10] =
    ["size", "classes", "act", "stem", "stem_act", "head", "head_act", "hidden", "dropout", "se"];

/// The words of a text and where they start; comments, brackets, quotes and commas left out.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        let offset = start;
        start += line.len();
        (offset, line.split('#').next().unwrap_or_default())
    });
    lines.flat_map(|(offset, line)| {
        let words = line.split(|c: char| c.is_whitespace() || "[](),'\"".contains(c));
        words.filter(|word| !word.is_empty()).map(move |word| {
            let within = word.as_ptr() as usize - line.as_ptr() as usize;
            (offset + within, word)
        })
    })
}

fn share(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share| (0.0..1.0).contains(share))
        .ok_or_else(|| "a number from 0 to below 1".into())
}

impl Head {
    /// The channels and the activation of its convolution: `960_nhs`.
    fn take(&mut self, text: &str) -> Result<(), String> {
        let (channels, code) =
            text.split_once("_n").map_or((text, None), |(channels, code)| (channels, Some(code)));
        self.channels = whole(channels)?;
        self.activation = code.map(activation_by_code).transpose()?.or(self.activation);
        Ok(())
    }
}

impl Squeeze {
    pub(super) fn plain(network: &MobileNet) -> Self {
        Self { of: Reference::Input, activation: network.activation, gate: Activation::Sigmoid, divisor: 1 }
    }

    fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let [of, activation, gate, divisor] = parts[..] else {
            return Err("four parts, such as se=input:relu:sigmoid:1".into());
        };
        Ok(Self {
            of: match of {
                "input" => Reference::Input,
                "expanded" => Reference::Expanded,
                _ => return Err("input or expanded".into()),
            },
            activation: activation_by_name(activation)?,
            gate: activation_by_name(gate)?,
            divisor: whole(divisor)?,
        })
    }
}

impl fmt::Display for Squeeze {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = if self.of == Reference::Input { "input" } else { "expanded" };
        write!(f, "{of}:{}:{}:{}", name_of(self.activation), name_of(self.gate), self.divisor)
    }
}

impl fmt::Display for MobileNet {
    /// The text form, one block string per line. Squares alone can be written: of the size, the height.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut settings = format!(
            "size={} classes={} act={} stem={} head={}",
            self.size[0],
            self.classes,
            name_of(self.activation),
            self.stem.channels,
            self.head.channels
        );
        for (key, activation) in [("stem_act", self.stem.activation), ("head_act", self.head.activation)] {
            if let Some(activation) = activation {
                write!(settings, " {key}={}", name_of(activation))?;
            }
        }
        if let Some(hidden) = self.head.hidden {
            write!(settings, " hidden={hidden}")?;
        }
        if self.head.dropout > 0.0 {
            write!(settings, " dropout={}", self.head.dropout)?;
        }
        if let Some(squeeze) = &self.squeeze {
            write!(settings, " se={squeeze}")?;
        }
        writeln!(f, "{settings}")?;
        block::write(&self.blocks).iter().try_for_each(|string| writeln!(f, "{string}"))
    }
}
