//! Golden values from `PyTorch`, and the formula for what both sides start from.
//!
//! `supernet.py`, `curvature.py` and `optimizers.py` make the files; each says how.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::BTreeMap;

use safetensors::SafeTensors;

/// Results of one of the programs, by name.
pub(crate) struct Golden(BTreeMap<String, Vec<f32>>);

impl Golden {
    /// The results for the small supernet.
    pub(crate) fn supernet() -> Self {
        Self::of(include_bytes!("supernet.safetensors"))
    }

    /// The results of `curvature.py` for the same.
    pub(crate) fn curvature() -> Self {
        Self::of(include_bytes!("curvature.safetensors"))
    }

    fn of(bytes: &[u8]) -> Self {
        let file = SafeTensors::deserialize(bytes).unwrap();
        let floats = |bytes: &[u8]| {
            bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
        };
        Self(file.iter().map(|(name, view)| (name.to_string(), floats(view.data()))).collect())
    }

    pub(crate) fn get(&self, name: &str) -> &[f32] {
        &self.0[name]
    }
}

/// The parameters after some of the steps of `optimizers.py`, by step.
pub(crate) fn optimizer(name: &str) -> BTreeMap<usize, Vec<f32>> {
    let all: BTreeMap<String, BTreeMap<usize, String>> =
        serde_json::from_str(include_str!("optimizers.json")).unwrap();
    let float =
        |digits: &[u8]| f32::from_bits(u32::from_str_radix(str::from_utf8(digits).unwrap(), 16).unwrap());
    let floats = |text: &String| text.as_bytes().chunks_exact(8).map(float).collect();
    all[name].iter().map(|(step, text)| (*step, floats(text))).collect()
}

/// `SplitMix64` (Steele, Lea and Flood 2014), started from the name's FNV-1a hash.
fn bits(name: &str) -> impl Iterator<Item = u64> {
    let hash = |state: u64, byte| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let start = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, hash);
    (1_u64..).map(move |at| {
        let z = start.wrapping_add(at.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// `count` numbers within `bound` of `middle`.
pub(crate) fn draw(name: &str, count: usize, bound: f64, middle: f64) -> Vec<f32> {
    let unit = |bits: u64| (bits >> 40) as f64 / f64::from(1 << 24);
    // Not fused: the other side is not either.
    #[allow(clippy::suboptimal_flops)]
    bits(name).take(count).map(|bits| (middle + bound * (2.0 * unit(bits) - 1.0)) as f32).collect()
}

/// `count` bytes.
pub(crate) fn bytes(name: &str, count: usize) -> Vec<u8> {
    bits(name).take(count).map(|bits| (bits >> 56) as u8).collect()
}

/// The largest difference relative to the largest expected value.
#[track_caller]
pub(crate) fn difference(found: &[f32], expected: &[f32]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let pairs =
        || found.iter().zip(expected).map(|(&found, &expected)| (f64::from(found), f64::from(expected)));
    let largest = pairs().fold(0.0_f64, |largest, (_, expected)| largest.max(expected.abs()));
    let furthest = pairs().map(|(found, expected)| (found - expected).abs()).fold(0.0, nan_max);
    if furthest == 0.0 { 0.0 } else { furthest / largest }
}

/// The larger of two, NaN if one is.
fn nan_max(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}
