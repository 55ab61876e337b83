//! Where a value on a grid is above a level, by marching squares.

use std::collections::BTreeMap;

/// A point in columns and rows.
pub(super) type Point = [f64; 2];
/// An edge of the grid: column and row where it starts, and whether it runs down and not to the right.
type Edge = (usize, usize, bool);

/// Closed rings around all places where the interpolated value is at least `level`. With the even-odd rule they bound
/// just these; along the grid's border they follow it. What is not finite is below every level.
pub(super) fn rings(values: &[Vec<f64>], level: f64) -> Vec<Vec<Point>> {
    let padded = Padded { values, level };
    let (rows, columns) = (values.len() + 1, values[0].len() + 1);
    let mut segments = BTreeMap::new();
    for row in 0..rows {
        for column in 0..columns {
            padded.march(column, row, &mut segments);
        }
    }
    let mut rings = Vec::new();
    while let Some((first, mut next)) = segments.pop_first() {
        let mut ring = vec![padded.crossing(first)];
        while next != first {
            ring.push(padded.crossing(next));
            // Every crossed edge is left in one of its two squares and entered in the other.
            let Some(after) = segments.remove(&next) else { break };
            next = after;
        }
        rings.push(ring);
    }
    rings
}

/// The grid with a border that is below every level, so that all rings close.
struct Padded<'a> {
    values: &'a [Vec<f64>],
    level: f64,
}

impl Padded<'_> {
    /// None outside of the grid and where the value is not finite.
    fn value(&self, column: usize, row: usize) -> Option<f64> {
        let value = *self.values.get(row.checked_sub(1)?)?.get(column.checked_sub(1)?)?;
        value.is_finite().then_some(value)
    }

    fn is_inside(&self, column: usize, row: usize) -> bool {
        self.value(column, row).is_some_and(|value| value >= self.level)
    }

    /// Adds the line segments of one square: from each edge, walked clockwise, that leaves the inside to one that
    /// enters it. Where there are two of each, the mean in the middle says which belong together.
    fn march(&self, column: usize, row: usize, segments: &mut BTreeMap<Edge, Edge>) {
        let corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)];
        let edges =
            [(column, row, false), (column + 1, row, true), (column, row + 1, false), (column, row, true)];
        let inside = corners.map(|(column, row)| self.is_inside(column, row));
        let turns = |from: bool| (0..4).filter(move |&at| inside[at] == from && inside[(at + 1) % 4] != from);
        let entries: Vec<usize> = turns(false).collect();
        let known = corners.map(|(column, row)| self.value(column, row).unwrap_or(f64::NEG_INFINITY));
        let connected = known.iter().sum::<f64>() / 4.0 >= self.level;
        for exit in turns(true) {
            let clockwise = |&&entry: &&usize| (entry + 4 - exit) % 4;
            let nearest = entries.iter().min_by_key(clockwise);
            let farthest = entries.iter().max_by_key(clockwise);
            if let Some(&entry) = if connected { nearest } else { farthest } {
                segments.insert(edges[exit], edges[entry]);
            }
        }
    }

    /// Where the level crosses an edge, in columns and rows of the grid without its border.
    fn crossing(&self, (column, row, down): Edge) -> Point {
        let end = if down { (column, row + 1) } else { (column + 1, row) };
        let (a, b) = (self.value(column, row), self.value(end.0, end.1));
        let share = match (a, b) {
            (Some(a), Some(b)) => (self.level - a) / (b - a),
            // Beside an open place the ring runs through the last known one.
            (Some(_), None) => 0.0,
            (None, _) => 1.0,
        };
        let place = [column as f64 - 1.0, row as f64 - 1.0];
        if down { [place[0], place[1] + share] } else { [place[0] + share, place[1]] }
    }
}
