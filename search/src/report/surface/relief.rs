//! The surface in space, seen isometrically, painted from back to front.

use std::fmt::Write;

use super::{Grid, levels, picture, turned};

const SIZE: [f64; 2] = [430.0, 372.0];
/// The far corner of the floor.
const CORNER: [f64; 2] = [222.0, 176.0];
/// Half of the floor's width and half of its depth in pixels: both axes fall by about 26 degrees.
const HALF: [f64; 2] = [156.0, 78.0];
/// Height of the walls.
const WALL: f64 = 140.0;
/// The slope of the floor's edges in the picture, in degrees.
const SLOPE: f64 = 26.57;

/// The surface over a grid of at least 2 × 2 values, its height and its colour the value, before two walls with the
/// levels. What is not finite is a hole.
#[must_use]
pub fn surface(grid: &Grid) -> String {
    if !grid.is_drawable() {
        return picture(grid, SIZE, "");
    }
    picture(grid, SIZE, &(walls(grid) + &faces(grid) + &axes(grid)))
}

/// The pixel of a point of the unit cube: along x to the right and near, along y to the left and near, up.
fn place([x, y, up]: [f64; 3]) -> [f64; 2] {
    [CORNER[0] + (x - y) * HALF[0], CORNER[1] + (x + y) * HALF[1] - up * WALL]
}

fn polygon(points: &[[f64; 3]]) -> String {
    let mut path = String::new();
    for (at, &point) in points.iter().enumerate() {
        let [x, y] = place(point);
        let _ = write!(path, "{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' });
    }
    path
}

/// Share of the way from the first to the last entry.
fn share(values: &[f64], at: usize) -> f64 {
    (values[at] - values[0]) / (values[values.len() - 1] - values[0])
}

/// Floor and both far walls, with a line at each level.
fn walls(grid: &Grid) -> String {
    let (low, high) = grid.range();
    let mut lines = String::new();
    let mut texts = String::new();
    for (value, text) in levels((low, high), 8) {
        let up = (value - low) / (high - low);
        lines += &polygon(&[[0.0, 1.0, up], [0.0, 0.0, up], [1.0, 0.0, up]]);
        let [x, y] = place([0.0, 1.0, up]);
        let _ = write!(
            texts,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" opacity=\"0.7\">{text}</text>",
            x - 6.0,
            y + 4.0
        );
    }
    for up in [[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]] {
        lines += &polygon(&[[up[0], up[1], 0.0], [up[0], up[1], 1.0]]);
    }
    lines += &polygon(&[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.0]]);
    let title = turned(&grid.value, [16.0, place([0.0, 1.0, 0.5])[1]], -90.0);
    format!("<path d=\"{lines}\" fill=\"none\" stroke=\"currentColor\" stroke-opacity=\"0.22\"/>{texts}{title}")
}

/// Every square of the grid: rows and columns come nearer as they go on, so each is painted over those behind it.
fn faces(grid: &Grid) -> String {
    let (low, high) = grid.range();
    let mut svg = String::from("<g stroke=\"#000000\" stroke-opacity=\"0.28\" stroke-width=\"0.4\">");
    for row in 1..grid.y.len() {
        for column in 1..grid.x.len() {
            let corners = [(column - 1, row - 1), (column, row - 1), (column, row), (column - 1, row)];
            let values = corners.map(|(column, row)| grid.values[row][column]);
            if values.iter().any(|value| !value.is_finite()) {
                continue;
            }
            let ups = values.map(|value| (value - low) / (high - low));
            let at = |k: usize| [share(&grid.x, corners[k].0), share(&grid.y, corners[k].1), ups[k]];
            let path = polygon(&[0, 1, 2, 3].map(at));
            let fill = grid.colour(values.iter().sum::<f64>() / 4.0, shade([0, 1, 2, 3].map(at)));
            let _ = write!(svg, "<path d=\"{path}Z\" fill=\"{fill}\"/>");
        }
    }
    svg + "</g>"
}

/// Light from the left and above: what rises to the right is darker than what falls.
fn shade(corners: [[f64; 3]; 4]) -> f64 {
    let [a, b, c, d] = corners;
    let rise_x = (b[2] + c[2] - a[2] - d[2]) / (2.0 * (b[0] - a[0]));
    let rise_y = (d[2] + c[2] - a[2] - b[2]) / (2.0 * (d[1] - a[1]));
    let across = rise_y - rise_x;
    0.93 + 0.13 * across / (1.0 + across.abs())
}

/// Ticks and names on the near edges.
fn axes(grid: &Grid) -> String {
    let mut svg = String::new();
    for (axis, ends) in [&grid.x, &grid.y].into_iter().enumerate() {
        let (first, last) = (ends[0], ends[ends.len() - 1]);
        let on_edge = |part: f64| place(if axis == 0 { [part, 1.0, 0.0] } else { [1.0, part, 0.0] });
        let (out, anchor) = if axis == 0 { (-1.0, "end") } else { (1.0, "start") };
        for (value, text) in levels((first, last), 4) {
            let [x, y] = on_edge((value - first) / (last - first));
            let _ = write!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" opacity=\"0.7\">{text}</text>",
                x + 3.0 * out,
                y + 13.0
            );
        }
        let [x, y] = on_edge(0.5);
        svg += &turned(&grid.axes[axis], [x + 22.0 * out, y + 40.0], -out * SLOPE);
    }
    svg
}
