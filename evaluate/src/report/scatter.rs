//! A scatter plot with its Pareto front, as SVG.

mod labels;

use std::fmt::Write as _;

use models::draw::{escape, round_step};

/// A point with its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) name: String,
    pub(crate) x: f64,
    pub(crate) y: f64,
}

/// An axis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis<'a> {
    pub(crate) title: &'a str,
    /// Whether less is better.
    pub(crate) less: bool,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 480.0;
/// Left, top, right, bottom of the plane.
const FRAME: [f64; 4] = [80.0, 24.0, 620.0, 420.0];

/// Which points no other one beats: none is at least as good on both axes and better on one.
pub(crate) fn front(points: &[Point], axes: [Axis<'_>; 2]) -> Vec<bool> {
    let signed = |axis: Axis<'_>, value: f64| if axis.less { -value } else { value };
    let goods: Vec<[f64; 2]> =
        points.iter().map(|point| [signed(axes[0], point.x), signed(axes[1], point.y)]).collect();
    let beats = |a: &[f64; 2], b: &[f64; 2]| {
        a.iter().zip(b).all(|(a, b)| a >= b) && a.iter().zip(b).any(|(a, b)| a > b)
    };
    goods.iter().map(|good| !goods.iter().any(|other| beats(other, good))).collect()
}

/// The picture; points of the front are filled and joined. There is at least one point.
pub(crate) fn svg(points: &[Point], axes: [Axis<'_>; 2]) -> String {
    let (x, y) = (Scale::new(points.iter().map(|p| p.x), 0, 2), Scale::new(points.iter().map(|p| p.y), 3, 1));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    grid(&mut svg, &x, &y, axes);
    let front = front(points, axes);
    let mut best: Vec<&Point> = points.iter().zip(&front).filter(|(_, best)| **best).map(|(p, _)| p).collect();
    best.sort_by(|a, b| a.x.total_cmp(&b.x));
    let line: Vec<String> = best.iter().map(|p| format!("{:.1},{:.1}", x.at(p.x), y.at(p.y))).collect();
    let _ = writeln!(svg, "<polyline points=\"{}\" fill=\"none\" stroke=\"#c33\"/>", line.join(" "));
    let places: Vec<[f64; 2]> = points.iter().map(|point| [x.at(point.x), y.at(point.y)]).collect();
    let labels = labels::place(&points.iter().map(|point| point.name.as_str()).collect::<Vec<_>>(), &places);
    for (((point, best), [left, top]), label) in points.iter().zip(front).zip(&places).zip(labels) {
        let fill = if best { "#c33" } else { "white" };
        let name = escape(&point.name);
        let _ = writeln!(
            svg,
            "<circle cx=\"{left:.1}\" cy=\"{top:.1}\" r=\"4\" fill=\"{fill}\" stroke=\"#333\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{}\">{name}</text>",
            label.x, label.y, label.anchor
        );
        if label.is_away {
            let _ = writeln!(
                svg,
                "<path d=\"M{left:.1} {top:.1}L{:.1} {:.1}\" stroke=\"#999\" stroke-width=\"0.5\"/>",
                label.x,
                label.y - 4.0
            );
        }
    }
    svg + "</svg>\n"
}

fn grid(svg: &mut String, x: &Scale, y: &Scale, axes: [Axis<'_>; 2]) {
    let [left, top, right, bottom] = FRAME;
    for tick in x.ticks() {
        let at = x.at(tick);
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.1} {top}V{bottom}\" stroke=\"#ddd\"/>\
             <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{tick}</text>",
            bottom + 18.0
        );
    }
    for tick in y.ticks() {
        let at = y.at(tick);
        let _ = writeln!(
            svg,
            "<path d=\"M{left} {at:.1}H{right}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{tick}</text>",
            left - 8.0,
            at + 4.0
        );
    }
    let _ = writeln!(
        svg,
        "<path d=\"M{left} {top}V{bottom}H{right}\" fill=\"none\" stroke=\"#333\"/>\n\
         <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n\
         <text transform=\"translate(20 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        f64::midpoint(left, right),
        bottom + 42.0,
        escape(axes[0].title),
        f64::midpoint(top, bottom),
        escape(axes[1].title)
    );
}

/// Values to places: linear, with round ticks.
struct Scale {
    low: f64,
    high: f64,
    step: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// From the smallest to the largest value, widened to ticks, between two sides of the frame.
    fn new(values: impl Iterator<Item = f64>, from: usize, to: usize) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            (low, high) = (low.min(value), high.max(value));
        }
        let span = if high > low { high - low } else { high.abs().max(1.0) };
        let step = round_step(span / 5.0);
        let low = (low / step - 0.25).floor() * step;
        let high = (high / step + 0.25).ceil() * step;
        Self { low, high, step, from: FRAME[from], to: FRAME[to] }
    }

    fn at(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let count = ((self.high - self.low) / self.step).round() as usize;
        // Multiples of a round step, without the dust of the multiplication.
        (0..=count).map(|tick| ((self.low + self.step * tick as f64) * 1e6).round() / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LESS: Axis<'_> = Axis { title: "MACs", less: true };
    const MORE: Axis<'_> = Axis { title: "top-1", less: false };

    fn points(values: &[(f64, f64)]) -> Vec<Point> {
        values.iter().map(|&(x, y)| Point { name: format!("{x}<{y}"), x, y }).collect()
    }

    #[test]
    fn the_front_is_what_nothing_beats() {
        let points = points(&[(300.0, 72.0), (450.0, 76.0), (450.0, 75.0), (600.0, 75.5), (300.0, 72.0)]);
        assert_eq!(front(&points, [LESS, MORE]), [true, true, false, false, true]);
    }

    #[test]
    fn the_picture_has_every_point_within_the_frame() {
        let svg = svg(&points(&[(300.0, 72.0), (450.5, 76.25)]), [LESS, MORE]);
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.contains("300&lt;72") && svg.contains(">72<") && svg.contains(">76<"), "{svg}");
        let alone = super::svg(&points(&[(5.0, 0.0)]), [LESS, MORE]);
        assert!(!alone.contains("NaN") && !alone.contains("inf"), "{alone}");
    }
}
