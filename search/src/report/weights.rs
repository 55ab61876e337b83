//! The course of every edge's operation weights, from `alphas.jsonl` alone: candidates may differ from edge to edge, and
//! become fewer during a search.

use std::fmt::Write;

use serde_json::Value;

use super::chart::{self, COLOURS, Chart, Series};
use super::epochs;
use super::page::Page;

/// One kind of cell.
struct Cell {
    name: String,
    edges: Vec<String>,
    /// The operations of any edge, in the order of their first appearance.
    ops: Vec<String>,
}

/// One small chart per edge: the weight of each operation over the epochs, on one scale per kind of cell.
pub(super) fn section(page: &mut Page, lines: &[Value]) {
    for cell in cells(lines) {
        page.section(&format!("Operation weights: {}", title(&cell.name)));
        page.figure(&chart::legend(&cell.ops));
        let rows: Vec<Vec<Series>> = (0..cell.edges.len()).map(|row| cell.row(lines, row)).collect();
        page.figure(&cell.dominating(lines));
        let points = rows.iter().flatten().flat_map(|series| &series.points);
        let (low, high) = chart::range(points.map(|point| point.1));
        let chart = |(edge, series): (&String, Vec<Series>)| {
            Chart::small(&edge.replace('_', " ← ")).y_range(low, high).series(series).svg()
        };
        page.row(&cell.edges.iter().zip(rows).map(chart).collect::<Vec<String>>());
    }
}

fn title(name: &str) -> String {
    match name {
        "reduce" => "reduction cell".into(),
        "normal" => "normal cell".into(),
        other => other.into(),
    }
}

/// The kinds of cell that the first line names.
fn cells(lines: &[Value]) -> Vec<Cell> {
    let Some(tables) = lines.first().and_then(|line| line["ops"].as_object()) else { return Vec::new() };
    let cell = |name: &String| {
        let mut ops: Vec<String> = Vec::new();
        for op in tables[name].as_array().into_iter().flatten().flat_map(texts) {
            if !ops.contains(&op) {
                ops.push(op);
            }
        }
        Cell { name: name.clone(), edges: texts(&lines[0]["edges"][name]), ops }
    };
    // JSON objects come sorted by name: normal cells before reduction cells.
    tables.keys().map(cell).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NEG_INFINITY)
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|text| Some(text.as_str()?.to_string())).collect()
}

/// Width of an epoch and height of an edge in the picture of dominating operations, and the room for the edges' names.
const TILE: [f64; 2] = [12.0, 14.0];
const NAMES: f64 = 40.0;
/// What the picture's title needs, in pixels.
const TITLE: f64 = 280.0;

impl Cell {
    /// The operation of most weight on each edge over the epochs: a row of tiles per edge, in the legend's colours.
    fn dominating(&self, lines: &[Value]) -> String {
        let ends: Vec<&Value> = lines.iter().filter(|line| line["step"] == 0).collect();
        let width = f64::max(NAMES + TILE[0] * ends.len() as f64, TITLE);
        let height = TILE[1] * self.edges.len() as f64 + 18.0;
        let mut tiles = String::new();
        for (row, edge) in self.edges.iter().enumerate() {
            let y = 18.0 + TILE[1] * row as f64;
            let name = edge.replace('_', " ← ");
            let _ = write!(
                tiles,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{name}</text>",
                NAMES - 4.0,
                y + 10.0
            );
            for (at, line) in ends.iter().enumerate() {
                let Some(op) = self.strongest(line, row) else { continue };
                let x = NAMES + TILE[0] * at as f64;
                let colour = COLOURS[op % COLOURS.len()];
                let _ = write!(
                    tiles,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" fill=\"{colour}\"/>",
                    TILE[0] - 1.0,
                    TILE[1] - 1.0
                );
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"system-ui, sans-serif\" font-size=\"10\" fill=\"currentColor\" role=\"img\">\
             <title>Dominating operations</title><text x=\"{NAMES}\" y=\"12\" font-weight=\"600\">Dominating operation \
             by edge and epoch</text>{tiles}</svg>"
        )
    }

    /// The operation of most weight on an edge, as an index into the cell's.
    fn strongest(&self, line: &Value, row: usize) -> Option<usize> {
        let weights = line["weights"][&self.name][row].as_array()?;
        let heaviest = weights.iter().enumerate().max_by(|a, b| number(a.1).total_cmp(&number(b.1)))?.0;
        let name = line["ops"][&self.name][row][heaviest].as_str()?;
        self.ops.iter().position(|op| op == name)
    }

    /// The weights on one edge, a series for every operation of the cell so that colours agree.
    fn row(&self, lines: &[Value], row: usize) -> Vec<Series> {
        let series = |op: &String| {
            let points = lines.iter().filter_map(|line| self.point(line, row, op));
            Series { name: op.clone(), points: points.collect() }
        };
        self.ops.iter().map(series).collect()
    }

    fn point(&self, line: &Value, row: usize, op: &str) -> Option<(f64, f64)> {
        let ops = line["ops"][&self.name][row].as_array()?;
        let at = ops.iter().position(|name| name == op)?;
        Some((epochs(line)?, line["weights"][&self.name][row][at].as_f64()?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn edges_may_differ_and_lose_operations() {
        let line = |epoch: u64, ops: Value, weights: Value| {
            json!({ "epoch": epoch, "step": 0, "edges": { "normal": ["2_0", "2_1"] },
                    "ops": { "normal": ops }, "weights": { "normal": weights } })
        };
        let lines = [
            line(0, json!([["none", "skip"], ["pool", "skip"]]), json!([[0.4, 0.6], [0.5, 0.5]])),
            line(1, json!([["skip"], ["pool", "skip"]]), json!([[1.0], [0.2, 0.8]])),
        ];
        let cells = cells(&lines);
        assert_eq!(cells[0].ops, ["none", "skip", "pool"]);
        let [none, skip, pool] = &cells[0].row(&lines, 0)[..] else { panic!("three operations") };
        assert_eq!(none.points, [(0.0, 0.4)]);
        assert_eq!(skip.points, [(0.0, 0.6), (1.0, 1.0)]);
        assert_eq!(pool.points, []);
        assert_eq!([0, 1].map(|line| cells[0].strongest(&lines[line], 0)), [Some(1), Some(1)]);
        assert!(cells[0].dominating(&lines).matches("<rect").count() == 4);
    }
}
