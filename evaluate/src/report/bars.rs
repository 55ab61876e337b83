//! Bars, one below the other, as SVG.

use std::fmt::Write as _;

use models::draw::escape;

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bar {
    pub(crate) name: String,
    /// Bars of one group have one colour.
    pub(crate) group: String,
    pub(crate) value: f64,
    /// What stands at its end.
    pub(crate) text: String,
}

const WIDTH: f64 = 900.0;
/// Where bars begin and end.
const SPAN: [f64; 2] = [360.0, 760.0];
const LINE: f64 = 16.0;
const TOP: f64 = 30.0;
/// Colours of groups, those that come first first; told apart by people who see no red or green (Okabe and Ito 2008).
const COLOURS: [&str; 7] = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999"];

/// The picture, the groups' colours above; lengths are shares of the largest value.
pub(crate) fn svg(bars: &[Bar]) -> String {
    let height = TOP + LINE * bars.len() as f64 + 6.0;
    let largest = bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
    let groups = groups(bars);
    let colour = |group: &str| {
        let at = groups.iter().position(|&known| known == group).unwrap_or(0);
        COLOURS[at.min(COLOURS.len() - 1)]
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (at, group) in groups.iter().enumerate().take(COLOURS.len()) {
        let x = 10.0 + 125.0 * at as f64;
        let name = if at + 1 == COLOURS.len() && groups.len() > COLOURS.len() { "others" } else { group };
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"8\" width=\"10\" height=\"10\" fill=\"{}\"/><text x=\"{}\" y=\"17\">{}</text>",
            COLOURS[at],
            x + 15.0,
            escape(name)
        );
    }
    for (at, bar) in bars.iter().enumerate() {
        let y = TOP + LINE * at as f64;
        let length = (SPAN[1] - SPAN[0]) * bar.value / largest;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{}\" y=\"{:.1}\" width=\"{length:.1}\" height=\"11\" fill=\"{}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#444\">{}</text>",
            SPAN[0] - 6.0,
            y + 10.0,
            escape(&bar.name),
            SPAN[0],
            y + 1.0,
            colour(&bar.group),
            SPAN[0] + length + 5.0,
            y + 10.0,
            escape(&bar.text)
        );
    }
    svg + "</svg>\n"
}

/// The groups, that with the most in it first.
fn groups(bars: &[Bar]) -> Vec<&str> {
    let mut sums: Vec<(&str, f64)> = Vec::new();
    for bar in bars {
        match sums.iter_mut().find(|(group, _)| *group == bar.group) {
            Some((_, sum)) => *sum += bar.value,
            None => sums.push((&bar.group, bar.value)),
        }
    }
    sums.sort_by(|a, b| b.1.total_cmp(&a.1));
    sums.into_iter().map(|(group, _)| group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_span_and_groups_have_colours() {
        let bar = |name: &str, group: &str, value| Bar {
            name: name.into(),
            group: group.into(),
            value,
            text: format!("{value} ms"),
        };
        let svg = svg(&[bar("a", "Conv", 1.0), bar("b<c", "Relu", 0.5), bar("d", "Conv", 2.0)]);
        assert!(svg.contains("width=\"400.0\"") && svg.contains("width=\"100.0\""), "{svg}");
        assert!(svg.contains("b&lt;c") && svg.contains(">2 ms<"), "{svg}");
        assert_eq!([svg.matches(COLOURS[0]).count(), svg.matches(COLOURS[1]).count()], [3, 2]);
    }
}
