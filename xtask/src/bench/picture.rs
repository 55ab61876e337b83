//! The rows of `BENCHMARKS.md` that `bench` has printed, as a picture.

use std::{fmt::Write as _, fs};

use anyhow::{Context, Result, ensure};

use crate::place;

/// Where the rows are, and where their picture goes, in the repository.
const FROM: &str = "BENCHMARKS.md";
const TO: &str = "docs/steps.svg";

/// A row that has a peer and a goal.
#[derive(Debug, PartialEq)]
struct Row {
    label: String,
    ratio: f64,
    interval: [f64; 2],
    goal: f64,
}

/// Draws them.
///
/// # Errors
/// Where there is no row, or a file cannot be read or written.
pub(crate) fn draw() -> Result<()> {
    let (from, to) = (place::root().join(FROM), place::root().join(TO));
    let text = fs::read_to_string(&from).with_context(|| format!("failed to read {}", from.display()))?;
    let rows = rows(&text);
    ensure!(!rows.is_empty(), "failed to find rows of `cargo xtask bench` in {}", from.display());
    fs::write(&to, picture(&rows)).with_context(|| format!("failed to write {}", to.display()))?;
    eprintln!("xtask: {TO}, {} rows", rows.len());
    Ok(())
}

/// The rows of comparisons with peers: name, threads, six cells of CPU time, six of the rest.
fn rows(text: &str) -> Vec<Row> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_string()).collect::<Vec<String>>();
    let tables = text.lines().map(cells).filter(|cells| cells.len() == 16);
    tables.filter_map(|cells| row(&cells)).filter(|row| !row.label.starts_with("without")).collect()
}

fn row(cells: &[String]) -> Option<Row> {
    let (low, high) = cells[6].split_once(" to ")?;
    let goal = cells[7].split(' ').next()?;
    let threads = if cells[2] == "1" { "1 thread".into() } else { format!("{} threads", cells[2]) };
    Some(Row {
        label: format!("{}, {threads}", cells[1]),
        ratio: cells[5].parse().ok()?,
        interval: [low.parse().ok()?, high.parse().ok()?],
        goal: goal.parse().ok()?,
    })
}

const LEFT: f64 = 190.0;
const UNIT: f64 = 430.0;
const LINE: f64 = 22.0;
const TOP: f64 = 44.0;

/// A bar per row from 0 to its ratio, with its interval and its goal; 1 is the peer.
fn picture(rows: &[Row]) -> String {
    let (width, height) = (LEFT + UNIT + 30.0, TOP + LINE * rows.len() as f64 + 14.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"16\" font-weight=\"bold\">CPU time of a step as a share of PyTorch's</text>\n"
    );
    for tenths in [0, 2, 4, 6, 8, 10] {
        let (x, share) = (LEFT + UNIT * f64::from(tenths) / 10.0, f64::from(tenths) / 10.0);
        let stroke = if tenths == 10 { "#444" } else { "#ddd" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<path d=\"M{x} {TOP}V{:.0}\" stroke=\"{stroke}\"/><text x=\"{x}\" y=\"36\" text-anchor=\"middle\" \
             fill=\"#555\">{share}</text>",
            height - 10.0
        );
    }
    for (at, row) in rows.iter().enumerate() {
        svg.push_str(&bar(row, TOP + LINE * at as f64));
    }
    svg + "</svg>\n"
}

fn bar(row: &Row, top: f64) -> String {
    let x = |share: f64| LEFT + UNIT * share.min(1.05);
    let (middle, goal) = (top + LINE / 2.0, x(row.goal));
    let [low, high] = row.interval.map(x);
    format!(
        "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
         <rect x=\"{LEFT}\" y=\"{:.1}\" width=\"{:.1}\" height=\"12\" fill=\"#4a7fb5\"/>\
         <path d=\"M{low:.1} {middle:.1}H{high:.1}\" stroke=\"#000\" stroke-width=\"2\"/>\
         <path d=\"M{goal:.1} {:.1}V{:.1}\" stroke=\"#c0392b\" stroke-width=\"2\"/>\n",
        LEFT - 8.0,
        middle + 4.0,
        row.label,
        middle - 6.0,
        x(row.ratio) - LEFT,
        middle - 9.0,
        middle + 9.0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_table_are_found_and_others_are_not() {
        let text = "| darts | 2 | 1.0 | 4.0 | 0.250 | 0.240 to 0.260 | 0.400 missed | 2.0 | 8.0 | 0.25 | 0.25 to 0.25 \
                    | 100 | 400 | 0.250 (0.600) |\n| a | b |\n|:--|--:|--:|--:|--:|:--|--:|--:|--:|--:|:--|--:|--:|--:|\n";
        let expected = Row { label: "darts, 2 threads".into(), ratio: 0.25, interval: [0.24, 0.26], goal: 0.4 };
        assert_eq!(rows(text), [expected]);
    }

    #[test]
    fn the_picture_in_the_documents_is_that_of_the_figures() {
        let read = |name: &str| fs::read_to_string(place::root().join(name)).unwrap();
        assert!(read(TO) == picture(&rows(&read(FROM))), "`cargo xtask picture` draws it anew");
    }
}
