//! Pictures of a value over two directions, as SVG: its contours, and its surface in space.

mod contour;
mod relief;
mod rings;

pub use contour::contour;
pub use relief::surface;

use std::fmt::Write;

use super::chart;
use super::page::escaped;

/// A value over a rectangular grid, such as validation accuracy over two directions of the architecture parameters
/// (Figure 2 of the NoisyDARTS paper).
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// What is shown.
    pub title: String,
    /// Names of both directions.
    pub axes: [String; 2],
    /// Name of the value, with its unit.
    pub value: String,
    /// Places of the columns, ascending.
    pub x: Vec<f64>,
    /// Places of the rows, ascending.
    pub y: Vec<f64>,
    /// `[rows][columns]`; what is not finite is left open.
    pub values: Vec<Vec<f64>>,
}

impl Grid {
    /// The least and the largest value, a little apart where all are equal.
    fn range(&self) -> (f64, f64) {
        chart::span(self.values.iter().flatten().copied())
    }

    /// The palette's colour for a value.
    fn colour(&self, value: f64, shade: f64) -> String {
        let (low, high) = self.range();
        colour((value - low) / (high - low), shade)
    }

    /// Where the direction is left and all rows and columns are there.
    fn is_drawable(&self) -> bool {
        self.x.len() > 1 && self.y.len() > 1 && self.values.len() == self.y.len()
    }
}

/// From low to high, of even steps to the eye, told apart without colour vision too: viridis (Smith and van der Walt
/// 2015, matplotlib, CC0), without its darkest and its lightest end, which dark and light pages would swallow.
const PALETTE: [[f64; 3]; 9] = [
    [72.0, 40.0, 120.0],
    [62.0, 73.0, 137.0],
    [49.0, 104.0, 142.0],
    [38.0, 130.0, 142.0],
    [31.0, 158.0, 137.0],
    [53.0, 183.0, 121.0],
    [110.0, 206.0, 88.0],
    [181.0, 222.0, 43.0],
    [223.0, 227.0, 24.0],
];

/// The palette at this share of its length, in [0, 1], times a shade.
fn colour(share: f64, shade: f64) -> String {
    let place = share.clamp(0.0, 1.0) * (PALETTE.len() - 1) as f64;
    let at = (place as usize).min(PALETTE.len() - 2);
    let part = place - at as f64;
    let mut text = String::from("#");
    for (low, high) in PALETTE[at].iter().zip(PALETTE[at + 1]) {
        let tone = (low + part * (high - low)) * shade;
        let _ = write!(text, "{:02x}", tone.clamp(0.0, 255.0) as u8);
    }
    text
}

/// Round values within a range, about `count`, with their texts: as many digits as tell them apart.
fn levels(range: (f64, f64), count: usize) -> Vec<(f64, String)> {
    let values = chart::ticks(range, count);
    let step = values.get(1).map_or(1.0, |second| second - values[0]);
    let digits = (-step.log10() - 1e-9).ceil().max(0.0) as usize;
    // Adding zero makes a negative zero positive.
    let text = |value: f64| format!("{:.digits$}", if value.abs() < step / 2.0 { 0.0 } else { value } + 0.0);
    values.into_iter().map(|value| (value, text(value))).collect()
}

/// A picture around these elements, in the form of the charts.
fn picture(grid: &Grid, [width, height]: [f64; 2], body: &str) -> String {
    let title = escaped(&grid.title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"11\" fill=\"currentColor\" role=\"img\"><title>{title}</title>\
         <text x=\"{}\" y=\"16\" font-size=\"12\" font-weight=\"600\" text-anchor=\"middle\">{title}</text>{body}</svg>",
        width / 2.0
    )
}

/// A text with its middle at this point, turned by this many degrees.
fn turned(text: &str, [x, y]: [f64; 2], degrees: f64) -> String {
    format!(
        "<text transform=\"translate({x:.1} {y:.1}) rotate({degrees})\" text-anchor=\"middle\">{}</text>",
        escaped(text)
    )
}

#[cfg(test)]
mod tests;
