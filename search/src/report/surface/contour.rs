//! Contours: bands of colour between round levels, with lines at the levels.

use std::fmt::Write;

use super::rings::{Point, rings};
use super::{Grid, colour, levels, picture, turned};

const SIZE: [f64; 2] = [430.0, 372.0];
/// The plot: left, right, top, bottom.
const PLOT: [f64; 4] = [62.0, 342.0, 30.0, 322.0];
/// The colour scale: left and right.
const SCALE: [f64; 2] = [358.0, 370.0];

/// The contours of a grid of at least 2 × 2 values, with their colour scale; the origin, where the directions start, is
/// marked.
#[must_use]
pub fn contour(grid: &Grid) -> String {
    if !grid.is_drawable() {
        return picture(grid, SIZE, "");
    }
    let sheet = Sheet::new(grid);
    picture(grid, SIZE, &(sheet.bands() + &sheet.frame() + &sheet.origin() + &sheet.scale()))
}

struct Sheet<'a> {
    grid: &'a Grid,
    range: (f64, f64),
    levels: Vec<(f64, String)>,
}

impl<'a> Sheet<'a> {
    fn new(grid: &'a Grid) -> Self {
        let range = grid.range();
        let levels = levels(range, 9).into_iter().filter(|level| level.0 > range.0);
        Self { grid, range, levels: levels.collect() }
    }

    /// The colour of the band above this many levels.
    fn band(&self, above: usize) -> String {
        colour(above as f64 / self.levels.len().max(1) as f64, 1.0)
    }

    /// Higher bands lie on lower ones, so that no seams show.
    fn bands(&self) -> String {
        let mut svg = String::new();
        let lowest = self.grid.values.iter().flatten().copied().filter(|value| value.is_finite());
        let lowest = lowest.fold(f64::INFINITY, f64::min);
        let bottoms = std::iter::once(lowest).chain(self.levels.iter().map(|level| level.0));
        for (above, level) in bottoms.enumerate() {
            let (mut area, mut line) = (String::new(), String::new());
            for ring in rings(&self.grid.values, level) {
                area += &self.path(&ring, |_, _| true);
                area.push('Z');
                line += &self.path(&[&ring[..], &ring[..1]].concat(), |from, to| !self.along_border(from, to));
            }
            let fill = self.band(above);
            let _ = write!(svg, "<path d=\"{area}\" fill=\"{fill}\" fill-rule=\"evenodd\"/>");
            if above > 0 {
                let _ = write!(
                    svg,
                    "<path d=\"{line}\" fill=\"none\" stroke=\"#ffffff\" stroke-opacity=\"0.55\" stroke-width=\"0.8\"/>"
                );
            }
        }
        svg
    }

    /// A path through these points; the pen is up where a step is not drawn.
    fn path(&self, ring: &[Point], is_drawn: impl Fn(Point, Point) -> bool) -> String {
        let mut path = String::new();
        for (at, &point) in ring.iter().enumerate() {
            let [x, y] = self.place([along(&self.grid.x, point[0]), along(&self.grid.y, point[1])]);
            let pen = if at > 0 && is_drawn(ring[at - 1], point) { 'L' } else { 'M' };
            let _ = write!(path, "{pen}{x:.1} {y:.1}");
        }
        path
    }

    fn along_border(&self, from: Point, to: Point) -> bool {
        let ends = [self.grid.x.len(), self.grid.y.len()].map(|count| [0.0, (count - 1) as f64]);
        let lies_at = |point: Point, axis: usize, end: f64| point[axis].total_cmp(&end).is_eq();
        (0..2).any(|axis| ends[axis].iter().any(|&end| lies_at(from, axis, end) && lies_at(to, axis, end)))
    }

    /// The pixel of a point in the directions' units.
    fn place(&self, [x, y]: Point) -> Point {
        let [left, right, top, bottom] = PLOT;
        let share = |value: f64, ends: &[f64]| (value - ends[0]) / (ends[ends.len() - 1] - ends[0]);
        [left + share(x, &self.grid.x) * (right - left), bottom - share(y, &self.grid.y) * (bottom - top)]
    }

    fn frame(&self) -> String {
        let [left, right, top, bottom] = PLOT;
        let (x, y) = (&self.grid.x, &self.grid.y);
        let mut svg = format!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"currentColor\" \
             stroke-opacity=\"0.5\"/>",
            right - left,
            bottom - top
        );
        for (value, text) in levels((x[0], x[x.len() - 1]), 5) {
            let at = self.place([value, y[0]])[0];
            let _ = write!(
                svg,
                "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\" opacity=\"0.7\">{text}</text>",
                bottom + 16.0
            );
        }
        for (value, text) in levels((y[0], y[y.len() - 1]), 5) {
            let at = self.place([x[0], value])[1] + 4.0;
            let _ = write!(
                svg,
                "<text x=\"{}\" y=\"{at:.1}\" text-anchor=\"end\" opacity=\"0.7\">{text}</text>",
                left - 6.0
            );
        }
        svg += &turned(&self.grid.axes[0], [(left + right) / 2.0, bottom + 36.0], 0.0);
        svg + &turned(&self.grid.axes[1], [18.0, (top + bottom) / 2.0], -90.0)
    }

    fn origin(&self) -> String {
        let is_within = |ends: &[f64]| ends[0] <= 0.0 && ends[ends.len() - 1] >= 0.0;
        if !is_within(&self.grid.x) || !is_within(&self.grid.y) {
            return String::new();
        }
        let [x, y] = self.place([0.0, 0.0]);
        format!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"#ffffff\" stroke=\"#000000\" stroke-width=\"1.2\"/>"
        )
    }

    fn scale(&self) -> String {
        let ([left, right], [_, _, top, bottom]) = (SCALE, PLOT);
        let height =
            |value: f64| bottom - (value - self.range.0) / (self.range.1 - self.range.0) * (bottom - top);
        let mut svg = String::new();
        for above in 0..=self.levels.len() {
            let low = if above == 0 { bottom } else { height(self.levels[above - 1].0) };
            let high = self.levels.get(above).map_or(top, |level| height(level.0));
            let (width, tall, fill) = (right - left, low - high, self.band(above));
            let _ = write!(
                svg,
                "<rect x=\"{left}\" y=\"{high:.1}\" width=\"{width}\" height=\"{tall:.1}\" fill=\"{fill}\"/>"
            );
        }
        for (value, text) in &self.levels {
            let _ = write!(
                svg,
                "<text x=\"{}\" y=\"{:.1}\" opacity=\"0.7\">{text}</text>",
                right + 5.0,
                height(*value) + 4.0
            );
        }
        svg + &turned(&self.grid.value, [SIZE[0] - 8.0, (top + bottom) / 2.0], -90.0)
    }
}

/// The value at a place between two entries.
fn along(values: &[f64], place: f64) -> f64 {
    let at = (place as usize).min(values.len() - 2);
    values[at] + (place - at as f64) * (values[at + 1] - values[at])
}
