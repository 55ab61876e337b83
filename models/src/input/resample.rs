//! Separable resampling of one byte plane, with Pillow's arithmetic: weights in 22-bit fixed point, first along the
//! rows, then along the columns, rounded to bytes in between (Pillow's `Image.resize`, 8 bits per channel).
//!
//! That order is the one of Pillow up to 12, with which the field's networks were trained. Pillow 13 turns it around
//! where the height shrinks much more than the width (python-pillow/Pillow#9549), and differs there by a few grey levels.
//!
//! Each output pixel depends on its position alone, so a window of the result can be computed by itself: a crop costs
//! what it shows, and a picture of extreme proportions needs no memory for what is cut off.

use std::ops::Range;

use super::Interpolation;

/// Fractional bits of a weight: 8 bits of pixel and 2 of headroom leave 22 of 32.
const BITS: u32 = 22;

/// One plane of bytes, row by row.
pub(super) struct Grid {
    /// Height and width.
    pub(super) size: [usize; 2],
    /// `height * width` bytes.
    pub(super) data: Vec<u8>,
}

/// A part of a resized plane: its rows and its columns.
pub(super) struct Window {
    rows: Range<usize>,
    columns: Range<usize>,
}

impl Window {
    pub(super) fn whole([height, width]: [usize; 2]) -> Self {
        Self { rows: 0..height, columns: 0..width }
    }

    /// The central `size` of a plane of size `of`; half pixels are rounded to even, as in torchvision's `CenterCrop`.
    pub(super) fn centre(of: [usize; 2], size: [usize; 2]) -> Self {
        let axis = |i: usize| {
            let start = ((of[i] - size[i]) as f64 / 2.0).round_ties_even() as usize;
            start..start + size[i]
        };
        Self { rows: axis(0), columns: axis(1) }
    }
}

/// The input pixels that make one output pixel.
struct Taps {
    first: usize,
    weights: Vec<i32>,
}

/// The `window` of `plane` resized to `size`.
pub(super) fn resample(plane: Grid, size: [usize; 2], window: Window, how: Interpolation) -> Grid {
    let shape = [window.rows.len(), window.columns.len()];
    if plane.size == size && shape == size {
        return plane;
    }
    let rows = taps(plane.size[0], size[0], window.rows, how);
    let columns = taps(plane.size[1], size[1], window.columns, how);
    let from = rows.iter().map(|row| row.first).min().unwrap_or(0);
    let to = rows.iter().map(|row| row.first + row.weights.len()).max().unwrap_or(0);
    let narrow = along_rows(&plane.data[from * plane.size[1]..to * plane.size[1]], plane.size[1], &columns);
    Grid { size: shape, data: along_columns(&narrow, columns.len(), from, &rows) }
}

fn along_rows(data: &[u8], width: usize, columns: &[Taps]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / width * columns.len());
    for row in data.chunks_exact(width) {
        out.extend(columns.iter().map(|tap| {
            let inputs = row[tap.first..].iter();
            round(tap.weights.iter().zip(inputs).map(|(weight, x)| weight * i32::from(*x)).sum())
        }));
    }
    out
}

/// `data` begins with row `from` of the plane.
fn along_columns(data: &[u8], width: usize, from: usize, rows: &[Taps]) -> Vec<u8> {
    let mut out = Vec::with_capacity(rows.len() * width);
    let mut sums = vec![0; width];
    for tap in rows {
        sums.fill(0);
        let inputs = data[(tap.first - from) * width..].chunks_exact(width);
        for (weight, row) in tap.weights.iter().zip(inputs) {
            sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += weight * i32::from(*x));
        }
        out.extend(sums.iter().map(|sum| round(*sum)));
    }
    out
}

fn round(sum: i32) -> u8 {
    ((sum + (1 << (BITS - 1))) >> BITS).clamp(0, 255) as u8
}

/// For each output pixel of `range`, which input pixels make it, where `from` pixels become `to`.
fn taps(from: usize, to: usize, range: Range<usize>, how: Interpolation) -> Vec<Taps> {
    let scale = from as f64 / to as f64;
    match how {
        Interpolation::Nearest => nearest(from, scale, range),
        Interpolation::Bilinear => range.map(|x| filtered(from, scale, x, 1.0, triangle)).collect(),
        Interpolation::Bicubic => range.map(|x| filtered(from, scale, x, 2.0, cubic)).collect(),
    }
}

/// The pixel under each output's centre. Pillow finds it by repeated addition, and so do we: a product rounds otherwise
/// where a centre falls on the border of two pixels.
fn nearest(from: usize, scale: f64, range: Range<usize>) -> Vec<Taps> {
    let centres = std::iter::successors(Some(scale * 0.5), |x| Some(x + scale));
    let wanted = centres.skip(range.start).take(range.len());
    wanted.map(|x| Taps { first: (x as usize).min(from - 1), weights: vec![1 << BITS] }).collect()
}

/// Weights of the inputs within the filter's `support`, which widens with `scale` when shrinking (antialiasing).
fn filtered(from: usize, scale: f64, x: usize, support: f64, filter: fn(f64) -> f64) -> Taps {
    let widening = scale.max(1.0);
    let (centre, reach) = ((x as f64 + 0.5) * scale, support * widening);
    let first = (centre - reach + 0.5).max(0.0) as usize;
    let end = ((centre + reach + 0.5) as usize).min(from);
    let raw: Vec<f64> = (first..end).map(|i| filter((i as f64 - centre + 0.5) * (1.0 / widening))).collect();
    let total: f64 = raw.iter().sum();
    Taps { first, weights: raw.iter().map(|weight| fixed(weight / total)).collect() }
}

/// To fixed point, rounded half away from zero.
fn fixed(weight: f64) -> i32 {
    (weight * f64::from(1 << BITS) + 0.5_f64.copysign(weight)) as i32
}

fn triangle(x: f64) -> f64 {
    (1.0 - x.abs()).max(0.0)
}

/// Keys's cubic convolution kernel with a = -0.5.
fn cubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    match x.abs() {
        x if x < 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
        x if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * A,
        _ => 0.0,
    }
}
