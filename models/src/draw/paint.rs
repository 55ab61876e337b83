//! From a cell's layout to the elements of its picture.

use super::layout::{Layout, MARGIN, RADIUS, SIGNAL, Widths};
use super::place;
use super::plan::{Item, Kind, Pill};
use super::svg::{Body, Paint, escape};

// Every colour has a contrast of at least 3 against white and against near-black pages; the fills have 4.5 against
// the white text on them.
const LINE: &str = "#7f8892";
const NODE: &str = "#5b6570";
const SKIP: &str = "#1a7f37";
const POOL: &str = "#b35900";
const SEPARABLE: &str = "#2f6fd0";
const DILATED: &str = "#8250df";
const OTHER: &str = "#0e7490";

/// Indices of the cell's inputs.
const INPUTS: [&str; 2] = ["k\u{2212}2", "k\u{2212}1"];
/// Pixels for the heading.
const HEADING: f64 = 22.0;
/// Height of a pill.
const PILL: f64 = 24.0;
/// Width of the concatenation.
const BAR: f64 = 20.0;
/// Pixels before and behind the concatenation.
const OUT: [f64; 2] = [34.0, 28.0];
/// How far a line ends before the tip of its arrow head.
const TIP: f64 = 6.0;

/// A picture's elements and their extent in pixels.
pub(super) struct Picture {
    pub(super) body: String,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The cell below its heading.
pub(super) fn picture(layout: &Layout, name: &str, widths: Widths) -> Picture {
    let [top, bottom] = layout.extent();
    let mut sheet = Sheet { layout, widths, down: HEADING + MARGIN - top, body: Body::default() };
    let heading = " text-anchor=\"start\" font-size=\"15\" font-weight=\"600\"";
    sheet.body.text([MARGIN, HEADING], LINE, heading, &escape(name));
    sheet.lines();
    let width = sheet.output().max(9.5 * name.chars().count() as f64 + 2.0 * MARGIN);
    sheet.items();
    Picture { body: sheet.body.0, width, height: HEADING + 2.0 * MARGIN + bottom - top }
}

struct Sheet<'a> {
    layout: &'a Layout,
    widths: Widths,
    /// From the layout's heights to the picture's.
    down: f64,
    body: Body,
}

impl Sheet<'_> {
    /// Height of an item's line.
    fn y(&self, at: usize, row: usize) -> f64 {
        self.layout.heights[at][row] + self.down
    }

    /// The lines between nodes and pills.
    fn lines(&mut self) {
        let columns = &self.layout.plan.columns;
        for at in 1..columns.len() {
            let ([_, from], [left, right]) = (self.widths.column(at - 1), self.widths.column(at));
            for link in place::links(columns, at) {
                let start = [from, self.y(at - 1, link.from)];
                let end = [left, self.y(at, link.to) + link.offset];
                let paint = line(columns[at - 1][link.from].live);
                if matches!(columns[at][link.to].kind, Kind::Lane) {
                    self.body.curve(start, end, right, paint);
                } else {
                    self.arrow(start, end, paint);
                }
            }
        }
    }

    fn arrow(&mut self, start: [f64; 2], end: [f64; 2], paint: Paint) {
        let neck = end[0] - TIP;
        self.body.curve(start, [neck, end[1]], neck, paint);
        self.body.head(end, paint.color);
    }

    fn items(&mut self) {
        for (at, column) in self.layout.plan.columns.iter().enumerate() {
            for (row, item) in column.iter().enumerate() {
                let y = self.y(at, row);
                match &item.kind {
                    Kind::Input => self.signal([MARGIN + SIGNAL[0] / 2.0, y], INPUTS[item.source]),
                    Kind::Node(pills) => self.node(self.widths.column(at), y, item, pills),
                    Kind::Lane => {}
                }
            }
        }
    }

    /// The output of a cell, `c` with its index.
    fn signal(&mut self, [x, y]: [f64; 2], index: &str) {
        self.body.rounded([x, y], SIGNAL, 6.0, Paint::solid(NODE));
        let markup = format!("c<tspan dy=\"3\" font-size=\"10\">{index}</tspan>");
        self.body.text([x, y + 3.0], "#ffffff", " font-size=\"14\" font-style=\"italic\"", &markup);
    }

    /// A node and the pills that feed it.
    fn node(&mut self, [left, right]: [f64; 2], y: f64, item: &Item, pills: &[Pill]) {
        let port = [right - 2.0 * RADIUS, y];
        for (pill, offset) in pills.iter().zip(item.offsets()) {
            self.body.open(&format!("{} to node {}: {}", name(pill.from), item.source, pill.op));
            self.pill([left, y + offset], pill, port);
            self.body.close();
        }
        let paint = if item.live { Paint::solid(NODE) } else { line(false) };
        self.body.rounded([right - RADIUS, y], [2.0 * RADIUS; 2], RADIUS, paint);
        self.body.text(
            [right - RADIUS, y + 4.5],
            paint.ink(),
            " font-weight=\"600\"",
            &item.source.to_string(),
        );
    }

    /// An edge's operation and its way to the node.
    fn pill(&mut self, [left, y]: [f64; 2], pill: &Pill, port: [f64; 2]) {
        let width = self.widths.pill;
        let paint = Paint { color: family(&pill.op), dashed: !pill.live };
        self.body.curve([left + width, y], port, port[0], paint);
        self.body.rounded([left + width / 2.0, y], [width, PILL], PILL / 2.0, paint);
        self.body.text([left + width / 2.0, y + 4.5], paint.ink(), " font-size=\"13\"", &escape(&pill.op));
    }

    /// The concatenation and the cell's output; returns the picture's width.
    fn output(&mut self) -> f64 {
        let last = self.layout.plan.columns.len() - 1;
        let right = self.widths.column(last)[1];
        let bar = right + OUT[0];
        for (row, item) in self.layout.plan.columns[last].iter().enumerate() {
            if self.layout.plan.output.contains(&item.source) {
                let y = self.y(last, row);
                self.arrow([right, y], [bar, y], line(item.live));
            }
        }
        let [top, bottom] = self.layout.bar();
        let [x, y] = [bar + BAR / 2.0, f64::midpoint(top, bottom) + self.down];
        self.body.rounded([x, y], [BAR, bottom - top], 6.0, Paint::solid(NODE));
        let turned = format!(" transform=\"rotate(-90 {x:.1} {y:.1})\"");
        self.body.text([x, y + 4.0], "#ffffff", &turned, "concat");
        let output = bar + BAR + OUT[1];
        self.arrow([bar + BAR, y], [output, y], line(true));
        self.signal([output + SIGNAL[0] / 2.0, y], "k");
        output + SIGNAL[0] + MARGIN
    }
}

/// A line that carries a node's output, or nothing.
const fn line(live: bool) -> Paint {
    Paint { color: LINE, dashed: !live }
}

/// What people call a node.
fn name(node: usize) -> String {
    match node {
        0 => "c_{k-2}".into(),
        1 => "c_{k-1}".into(),
        _ => format!("node {node}"),
    }
}

/// The colour of an operation's family.
fn family(op: &str) -> &'static str {
    match op {
        "none" => LINE,
        "skip_connect" => SKIP,
        _ if op.contains("pool") => POOL,
        _ if op.starts_with("sep_") => SEPARABLE,
        _ if op.starts_with("dil_") => DILATED,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of `#rrggbb` as the Web Content Accessibility Guidelines define it.
    fn luminance(color: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let [a, b] = [luminance(a), luminance(b)];
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn colours_can_be_read_on_white_and_on_dark() {
        let fills = [NODE, SKIP, POOL, SEPARABLE, DILATED, OTHER];
        for color in fills.into_iter().chain([LINE]) {
            // The backgrounds of a common code host's light and dark pages.
            assert!(contrast(color, "#ffffff") >= 3.0 && contrast(color, "#0d1117") >= 3.0, "{color}");
        }
        for color in fills {
            assert!(contrast(color, "#ffffff") >= 4.5, "{color}");
        }
    }
}
