//! Line charts as inline SVG.

mod group;

pub(super) use group::Group;

use std::fmt::Write;

use models::draw::round_step;

use super::page::escaped;

/// Colours told apart by most eyes, on white and on black (Okabe and Ito 2008, darkened or lightened a little).
pub(super) const COLOURS: [&str; 8] =
    ["#0d7dbd", "#e0861a", "#d1335b", "#1a9e6f", "#8a63c9", "#9c7a3c", "#5d9fd8", "#7d8894"];

/// A line.
pub(super) struct Series {
    pub(super) name: String,
    /// (x, y), x ascending.
    pub(super) points: Vec<(f64, f64)>,
}

/// A chart under construction.
pub(super) struct Chart {
    title: String,
    width: f64,
    height: f64,
    legend: bool,
    y_range: Option<(f64, f64)>,
    limit: Option<f64>,
    series: Vec<Series>,
    groups: Vec<Group>,
}

/// Space around the plot: left, right, top, bottom.
const MARGIN: [f64; 4] = [40.0, 10.0, 24.0, 22.0];

impl Chart {
    pub(super) fn new(title: &str) -> Self {
        Self {
            title: title.into(),
            width: 345.0,
            height: 230.0,
            legend: true,
            y_range: None,
            limit: None,
            series: vec![],
            groups: vec![],
        }
    }

    /// A chart for a grid of many, without a legend of its own.
    pub(super) fn small(title: &str) -> Self {
        Self { width: 205.0, height: 130.0, legend: false, ..Self::new(title) }
    }

    pub(super) const fn y_range(mut self, low: f64, high: f64) -> Self {
        self.y_range = Some((low, high));
        self
    }

    /// A dashed line at this height.
    pub(super) const fn limit(mut self, y: f64) -> Self {
        self.limit = Some(y);
        self
    }

    pub(super) fn series(mut self, series: Vec<Series>) -> Self {
        self.series = series;
        self
    }

    /// Lines of several runs, one colour per group; whoever shows them names the colours.
    pub(super) fn groups(mut self, groups: Vec<Group>) -> Self {
        self.groups = groups;
        self
    }

    pub(super) fn svg(&self) -> String {
        let frame = Frame::of(self);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" \
             font-family=\"system-ui, sans-serif\" font-size=\"11\" fill=\"currentColor\" role=\"img\">\
             <title>{2}</title><text x=\"{3}\" y=\"14\" font-weight=\"600\">{2}</text>",
            self.width,
            self.height,
            escaped(&self.title),
            MARGIN[0],
        );
        svg += &frame.axes();
        if self.legend {
            svg += &frame.x_title("epoch");
        }
        if let Some(y) = self.limit {
            svg += &frame.dashed(y);
        }
        for (series, colour) in self.series.iter().zip(COLOURS.iter().cycle()) {
            svg += &frame.line(series, colour);
        }
        // No band may cover a line of another group.
        let groups = || self.groups.iter().zip(COLOURS.iter().cycle());
        svg.extend(groups().map(|(group, colour)| group.band(&frame, colour)));
        svg.extend(groups().map(|(group, colour)| group.lines(&frame, colour)));
        if self.legend && self.series.len() > 1 {
            svg += &self.keys(&frame);
        }
        svg + "</svg>"
    }

    /// The names of the lines, beside the title.
    fn keys(&self, frame: &Frame) -> String {
        let mut text = format!("<text x=\"{}\" y=\"14\" text-anchor=\"end\">", frame.right);
        for (series, colour) in self.series.iter().zip(COLOURS.iter().cycle()) {
            let _ = write!(text, "<tspan dx=\"10\" fill=\"{colour}\">{}</tspan>", escaped(&series.name));
        }
        text + "</text>"
    }
}

/// The legend that a grid of small charts shares.
pub(super) fn legend(names: &[String]) -> String {
    let mut inner = String::new();
    let mut x = 0.0;
    for (name, colour) in names.iter().zip(COLOURS.iter().cycle()) {
        let _ = write!(
            inner,
            "<rect x=\"{x}\" y=\"4\" width=\"14\" height=\"4\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"11\" fill=\"currentColor\">{}</text>",
            x + 18.0,
            escaped(name)
        );
        x += 36.0 + 6.6 * name.len() as f64;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{x}\" height=\"16\" viewBox=\"0 0 {x} 16\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">{inner}</svg>"
    )
}

/// A picture as a file of its own: texts in a grey that is readable on white and on dark, whatever shows it.
pub(super) fn standalone(svg: &str) -> String {
    let style = "<style>svg { color: #768390 } text { opacity: 1 }</style>";
    match svg.split_once('>') {
        Some((root, inner)) => format!("{root}>{style}{inner}"),
        None => svg.into(),
    }
}

/// The plot's place and scales.
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: (f64, f64),
    y: (f64, f64),
}

impl Frame {
    fn of(chart: &Chart) -> Self {
        let of_groups = || chart.groups.iter().flat_map(Group::points);
        let points = || chart.series.iter().flat_map(|series| &series.points).chain(of_groups());
        let x = span(points().map(|point| point.0));
        let y = chart.y_range.unwrap_or_else(|| range(points().map(|point| point.1)));
        let [left, right, top, bottom] = MARGIN;
        Self { left, right: chart.width - right, top, bottom: chart.height - bottom, x, y }
    }

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let share = |value: f64, (low, high): (f64, f64)| (value - low) / (high - low);
        (
            self.left + share(x, self.x) * (self.right - self.left),
            self.bottom - share(y, self.y) * (self.bottom - self.top),
        )
    }

    fn line(&self, series: &Series, colour: &str) -> String {
        let finite = series.points.iter().filter(|point| point.1.is_finite());
        let places: Vec<(f64, f64)> = finite.map(|&point| self.place(point)).collect();
        if let [(x, y)] = places[..] {
            return format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
        }
        let points: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"/>",
            points.join(" ")
        )
    }

    /// A line of the width that is set around it.
    fn thin(&self, points: &[(f64, f64)], colour: &str) -> String {
        let finite = points.iter().filter(|point| point.1.is_finite());
        let points: Vec<String> = finite.map(|&point| self.pair(point)).collect();
        format!("<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\"/>", points.join(" "))
    }

    /// A point's place in a list of points.
    fn pair(&self, point: (f64, f64)) -> String {
        let (x, y) = self.place(point);
        format!("{x:.1},{y:.1}")
    }

    /// What the x axis is, left of its labels.
    fn x_title(&self, name: &str) -> String {
        let y = self.bottom + 15.0;
        format!("<text x=\"0\" y=\"{y}\" opacity=\"0.7\">{name}</text>")
    }

    fn dashed(&self, y: f64) -> String {
        let (_, y) = self.place((self.x.0, y));
        format!(
            "<line x1=\"{}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#d1335b\" stroke-dasharray=\"5 4\"/>",
            self.left, self.right
        )
    }

    fn axes(&self) -> String {
        let mut svg = String::new();
        for value in ticks(self.y, 4) {
            let (_, y) = self.place((self.x.0, value));
            let _ = write!(
                svg,
                "<line x1=\"{}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"currentColor\" opacity=\"0.15\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" opacity=\"0.7\">{}</text>",
                self.left,
                self.right,
                self.left - 5.0,
                y + 4.0,
                label(value)
            );
        }
        for value in ticks(self.x, 5) {
            let (x, _) = self.place((value, self.y.0));
            let _ = write!(
                svg,
                "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\" opacity=\"0.7\">{}</text>",
                self.bottom + 15.0,
                label(value)
            );
        }
        svg
    }
}

/// The range of these values with some space around.
pub(super) fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    padded(span(values))
}

/// The range of some values; one wide where there is only one value or none.
pub(super) fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    match (low.is_finite(), high > low) {
        (true, true) => (low, high),
        (true, false) => (low - 0.5, low + 0.5),
        (false, _) => (0.0, 1.0),
    }
}

fn padded((low, high): (f64, f64)) -> (f64, f64) {
    let margin = 0.06 * (high - low);
    (low - margin, high + margin)
}

/// Round numbers within a range, about `count` of them.
pub(super) fn ticks((low, high): (f64, f64), count: usize) -> Vec<f64> {
    let rough = (high - low) / count as f64;
    let step = round_step(rough);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|at| at as f64 * step).collect()
}

fn label(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks((0.0, 8.0), 4), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(ticks((0.13, 0.31), 4).len(), 4);
    }

    #[test]
    fn charts_of_no_one_and_broken_points_are_drawn() {
        for points in [vec![], vec![(1.0, 2.0)], vec![(0.0, f64::NAN), (1.0, 1.0), (2.0, 3.0)]] {
            let svg = Chart::new("a < b").series(vec![Series { name: "x".into(), points }]).svg();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert!(svg.contains("a &lt; b"));
        }
    }
}
