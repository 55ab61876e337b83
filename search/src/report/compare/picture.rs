//! The picture: curves of all runs, and what dominates where at the end.

use std::fmt::Write;

use models::primitive::SKIP_CONNECT;

use super::run::Curve;
use super::{Run, groups};
use crate::report::chart::{COLOURS, Chart, Group};
use crate::report::page::escaped;

/// Pixels between two charts, and a chart's extent.
const BETWEEN: f64 = 14.0;
const CHART: [f64; 2] = [345.0, 230.0];
const WIDTH: f64 = 3.0 * CHART[0] + 2.0 * BETWEEN;
/// Height of a line of text.
const LINE: f64 = 18.0;
/// Pixels of a glyph, on average.
const GLYPH: f64 = 6.8;
/// The cells of the table of dominating operations.
const CELL: [f64; 2] = [28.0, 18.0];

/// Skip connections stand out; the other operations take the rest of the charts' colours in turn.
const SKIP_COLOUR: &str = "#d1335b";
const OTHERS: [&str; 7] = ["#8494a6", "#5d9fd8", "#1a9e6f", "#8a63c9", "#9c7a3c", "#e0861a", "#0d7dbd"];

/// Runs laid over each other, as SVG: skip weight, skips and validation accuracy per epoch, one colour per label; and
/// the dominating operation of each edge at the end, one line per run.
#[must_use]
pub fn picture(runs: &[Run]) -> String {
    let (key, charts_top) = key(runs);
    let table_top = charts_top + CHART[1] + 24.0;
    let (table, height) = dominating(runs, table_top);
    let title = "Searches compared";
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"currentColor\" role=\"img\"><title>{title}</title>\
         {key}<g transform=\"translate(0 {charts_top})\">{}</g>{table}</svg>",
        charts(runs)
    )
}

/// The labels with their colours and means, and where they end.
fn key(runs: &[Run]) -> (String, f64) {
    let mut svg = String::new();
    let mut y = 14.0;
    for ((label, members), colour) in groups(runs).iter().zip(COLOURS.iter().cycle()) {
        let _ = write!(
            svg,
            "<rect x=\"2\" y=\"{}\" width=\"16\" height=\"5\" fill=\"{colour}\"/>\
             <text x=\"26\" y=\"{y}\"><tspan font-weight=\"600\">{}</tspan> <tspan>{}</tspan></text>",
            y - 7.0,
            escaped(label),
            escaped(&means(members)),
        );
        y += LINE;
    }
    (svg, y)
}

/// What a group came to, in words.
fn means(members: &[&Run]) -> String {
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let skips = mean(members.iter().map(|run| run.genotype.normal_skips() as f64).collect());
    let edges = members.first().map_or(0, |run| run.edges());
    let count = members.len();
    let runs = if count == 1 { "1 run".into() } else { format!("{count} runs") };
    let mut text = format!("({runs}): {skips:.1} of {edges} edges skip");
    let reached: Vec<f64> = members.iter().filter_map(|run| run.reached).collect();
    if !reached.is_empty() {
        let each: Vec<String> = reached.iter().map(|percent| format!("{percent:.2}")).collect();
        let _ = write!(text, "; the cells reach {} % on CIFAR-10", each.join(", "));
    }
    text
}

fn charts(runs: &[Run]) -> String {
    let edges = runs.iter().map(Run::edges).max().unwrap_or(1) as f64;
    let charts = [
        Chart::new("Mean weight of skip_connect").groups(lines(runs, |run| &run.skip_weight)),
        Chart::new("Skips in the normal cell (dashed: collapse)")
            .y_range(0.0, edges)
            .limit(edges / 2.0)
            .groups(lines(runs, |run| &run.skips)),
        Chart::new("Validation accuracy in %").groups(lines(runs, |run| &run.valid)),
    ];
    let place = |(at, chart): (usize, &Chart)| {
        format!("<g transform=\"translate({} 0)\">{}</g>", at as f64 * (CHART[0] + BETWEEN), chart.svg())
    };
    charts.iter().enumerate().map(place).collect()
}

/// One curve of every run, by label.
fn lines(runs: &[Run], curve: impl Fn(&Run) -> &Curve) -> Vec<Group> {
    let group = |(_, members): (&str, Vec<&Run>)| Group {
        lines: members.into_iter().map(|run| curve(run).clone()).collect(),
    };
    groups(runs).into_iter().map(group).collect()
}

/// The table of dominating operations from this height on, and where it ends.
fn dominating(runs: &[Run], top: f64) -> (String, f64) {
    let ops = operations(runs);
    let mut svg = format!(
        "<text x=\"0\" y=\"{top}\" font-weight=\"600\">Dominating operation on each edge of the normal cell at the \
         end</text>{}",
        key_of_operations(&ops, top + 11.0)
    );
    let left = runs.iter().map(|run| GLYPH * run.name().chars().count() as f64).fold(0.0, f64::max) + 10.0;
    let mut y = top + 34.0;
    for run in ordered(runs) {
        svg += &row(run, &ops, left, y);
        y += CELL[1];
    }
    (svg, y + 4.0)
}

fn key_of_operations(ops: &[String], top: f64) -> String {
    let mut svg = String::new();
    let mut x = 0.0;
    for op in ops {
        let _ = write!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{top}\" width=\"12\" height=\"12\" rx=\"2\" fill=\"{}\"/>\
             <text x=\"{:.1}\" y=\"{}\">{}</text>",
            colour(ops, op),
            x + 17.0,
            top + 10.0,
            escaped(op)
        );
        x += 38.0 + GLYPH * op.len() as f64;
    }
    svg
}

/// A run's name and a cell per edge.
fn row(run: &Run, ops: &[String], left: f64, y: f64) -> String {
    let name = escaped(&run.name());
    let mut svg = format!("<text x=\"{:.1}\" y=\"{}\" text-anchor=\"end\">{name}</text>", left - 8.0, y + 13.0);
    for (edge, op) in run.dominating.iter().enumerate() {
        let _ = write!(
            svg,
            "<rect x=\"{:.1}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"2\" fill=\"{}\"><title>{}</title></rect>",
            left + edge as f64 * CELL[0],
            CELL[0] - 2.0,
            CELL[1] - 2.0,
            colour(ops, op),
            escaped(op)
        );
    }
    svg
}

/// Runs of the same label below each other.
fn ordered(runs: &[Run]) -> impl Iterator<Item = &Run> {
    groups(runs).into_iter().flat_map(|(_, members)| members)
}

/// All that dominates anywhere, skip connections first.
fn operations(runs: &[Run]) -> Vec<String> {
    let mut ops: Vec<String> = runs.iter().flat_map(|run| run.dominating.clone()).collect();
    ops.sort_by_key(|op| (op != SKIP_CONNECT, op.clone()));
    ops.dedup();
    ops
}

fn colour(ops: &[String], op: &str) -> &'static str {
    if op == SKIP_CONNECT {
        return SKIP_COLOUR;
    }
    let others = ops.iter().filter(|other| *other != SKIP_CONNECT);
    let at = others.zip(0..).find(|(other, _)| *other == op).map_or(0, |(_, at)| at);
    OTHERS[at % OTHERS.len()]
}
