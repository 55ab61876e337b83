//! Where a step's time goes, as a picture: every part of a network as wide as what it takes, what it consists of below it.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::chart::{COLOURS, standalone};
use super::page::escaped;
use crate::net::profile::NodeProfile;

const WIDTH: f64 = 1200.0;
const ROW: f64 = 18.0;
/// Parts narrower than this are left out: nobody sees them.
const LEAST: f64 = 0.4;
/// The colour of nodes of other kinds.
const OTHERS: &str = "#9aa0a6";

/// The picture of these nodes' times, an SVG file. Paths such as `cells.3.edges.2_0.sep_conv_3x3.dw1` are its layers; the
/// last part of each has the colour of what it computes.
#[must_use]
pub fn picture(nodes: &[NodeProfile]) -> String {
    let kinds = kinds(nodes);
    let mut root = Part::new("step");
    for node in nodes {
        root.add(&mut node.path.split('.'), node);
    }
    let mut bars = String::new();
    root.draw(&mut bars, (0.0, WIDTH / root.seconds.max(f64::MIN_POSITIVE)), 0, &kinds);
    let height = ROW * root.depth() as f64 + 30.0;
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"11\">{bars}{}</svg>\n",
        legend(&kinds, height - 8.0)
    );
    standalone(&svg)
}

/// A colour for each of the costliest kinds, in order.
fn kinds(nodes: &[NodeProfile]) -> Vec<(String, &'static str)> {
    let mut seconds: HashMap<&str, f64> = HashMap::new();
    for node in nodes {
        *seconds.entry(&node.kind).or_default() += node.seconds();
    }
    let mut kinds: Vec<(&str, f64)> = seconds.into_iter().collect();
    kinds.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    kinds.into_iter().zip(COLOURS).map(|((kind, _), colour)| (kind.to_string(), colour)).collect()
}

/// A part of the network: all nodes whose paths begin alike.
struct Part {
    name: String,
    seconds: f64,
    /// What it computes, where it is a node.
    kind: Option<String>,
    parts: Vec<Part>,
}

impl Part {
    fn new(name: &str) -> Self {
        Self { name: name.into(), seconds: 0.0, kind: None, parts: Vec::new() }
    }

    fn add<'p>(&mut self, path: &mut impl Iterator<Item = &'p str>, node: &NodeProfile) {
        self.seconds += node.seconds();
        let Some(name) = path.next() else {
            self.kind = Some(node.kind.clone());
            return;
        };
        let at = self.parts.iter().position(|part| part.name == name).unwrap_or_else(|| {
            self.parts.push(Self::new(name));
            self.parts.len() - 1
        });
        self.parts[at].add(path, node);
    }

    fn depth(&self) -> usize {
        1 + self.parts.iter().map(Self::depth).max().unwrap_or(0)
    }

    /// Draws it from this place on at this scale, in pixels per second.
    fn draw(&self, svg: &mut String, (left, scale): (f64, f64), row: usize, kinds: &[(String, &str)]) {
        let width = self.seconds * scale;
        if width < LEAST {
            return;
        }
        self.bar(svg, left, width, row, kinds);
        let mut left = left;
        for part in &self.parts {
            part.draw(svg, (left, scale), row + 1, kinds);
            left += part.seconds * scale;
        }
    }

    fn bar(&self, svg: &mut String, left: f64, width: f64, row: usize, kinds: &[(String, &str)]) {
        let colour = self.kind.as_ref().map_or("#d5d9de", |kind| {
            kinds.iter().find(|(name, _)| name == kind).map_or(OTHERS, |(_, colour)| colour)
        });
        let top = ROW * row as f64;
        let name = escaped(&self.name);
        let kind = self.kind.as_ref().map(|kind| format!(", {kind}")).unwrap_or_default();
        let _ = write!(
            svg,
            "<rect x=\"{left:.2}\" y=\"{top}\" width=\"{width:.2}\" height=\"{}\" fill=\"{colour}\" stroke=\"white\" \
             stroke-width=\"{:.2}\"><title>{name}{kind}: {:.2} ms</title></rect>",
            ROW - 1.0,
            // Lines between narrow bars would leave nothing of them.
            (width / 20.0).min(0.5),
            1e3 * self.seconds
        );
        // Six pixels per letter.
        if width > 6.0 * self.name.len() as f64 + 6.0 {
            let baseline = top + 13.0;
            let _ =
                write!(svg, "<text x=\"{:.2}\" y=\"{baseline}\" fill=\"#1c2430\">{name}</text>", left + 3.0);
        }
    }
}

fn legend(kinds: &[(String, &str)], baseline: f64) -> String {
    let mut text = String::new();
    let mut left = 0.0;
    for (kind, colour) in
        kinds.iter().map(|(kind, colour)| (kind.as_str(), *colour)).chain([("others", OTHERS)])
    {
        let _ = write!(
            text,
            "<rect x=\"{left}\" y=\"{}\" width=\"10\" height=\"10\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"{baseline}\" fill=\"currentColor\">{}</text>",
            baseline - 9.0,
            left + 14.0,
            escaped(kind)
        );
        left += 26.0 + 6.2 * kind.len() as f64;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(path: &str, kind: &str, seconds: f64) -> NodeProfile {
        NodeProfile { path: path.into(), kind: kind.into(), forward_s: seconds, backward_s: 0.0, bytes: 0 }
    }

    #[test]
    fn parts_are_as_wide_as_their_time() {
        let svg = picture(&[node("stem.conv", "conv 3x3", 0.1), node("cells.0.mix", "mix", 0.3)]);
        assert!(svg.contains("<rect x=\"300.00\" y=\"18\" width=\"900.00\""), "{svg}");
        assert!(svg.contains("<title>mix, mix: 300.00 ms</title>"), "{svg}");
    }
}
