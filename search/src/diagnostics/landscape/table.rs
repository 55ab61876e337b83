//! The points of a landscape, as CSV.

use std::fmt::Write as _;
use std::path::Path;

use crate::error::Error;

/// The first line.
const NAMES: &str = "x,y,valid_loss,valid_accuracy";

/// The supernet at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Place along the first direction.
    pub x: f64,
    /// Place along the second.
    pub y: f64,
    /// Mean validation loss.
    pub loss: f64,
    /// Share of validation images classified correctly, in `[0, 1]`.
    pub accuracy: f64,
}

/// A landscape as a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Landscape {
    /// Rows of constant y, each from the least x to the largest.
    pub points: Vec<Point>,
}

impl Landscape {
    /// As CSV: a line of names, then a line per point.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = format!("{NAMES}\n");
        for Point { x, y, loss, accuracy } in &self.points {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{x},{y},{loss},{accuracy}");
        }
        text
    }

    /// Reads the rows over these places that are there of what [`Self::to_csv`] has written, none where there is no file.
    ///
    /// # Errors
    /// When it cannot be read, or a line is none of this landscape; names it.
    pub fn read(path: &Path, places: &[f64]) -> Result<Self, Error> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(path).map_err(|source| Error::io("read", path, source))?;
        let broken = |line: usize, expected: &str| {
            let problem = format!("line {line}: expected {expected}; delete the file to begin anew");
            Error::Broken { what: "landscape", path: path.into(), problem }
        };
        let mut lines = text.lines();
        if lines.next() != Some(NAMES) {
            return Err(broken(1, NAMES));
        }
        let mut expected = places.iter().flat_map(|&y| places.iter().map(move |&x| [x, y]));
        let mut points = Vec::new();
        for (at, line) in lines.enumerate() {
            let place = expected.next().ok_or_else(|| broken(at + 2, "no more points"))?;
            let found = point(line).filter(|point| same(point.x, place[0]) && same(point.y, place[1]));
            let expected = || format!("loss and accuracy at {},{}", place[0], place[1]);
            points.push(found.ok_or_else(|| broken(at + 2, &expected()))?);
        }
        points.truncate(points.len() / places.len().max(1) * places.len());
        Ok(Self { points })
    }
}

fn point(line: &str) -> Option<Point> {
    let numbers = line.split(',').map(|cell| cell.parse().ok()).collect::<Option<Vec<f64>>>()?;
    let [x, y, loss, accuracy] = numbers[..] else { return None };
    Some(Point { x, y, loss, accuracy })
}

/// Whether a place was read back: the table has all of its digits.
fn same(found: f64, place: f64) -> bool {
    found.total_cmp(&place).is_eq()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_back_and_names_a_broken_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("landscape.csv");
        let places = [-0.1, 1.0 / 3.0];
        assert_eq!(Landscape::read(&path, &places).unwrap(), Landscape::default());
        let point = |x, y| Point { x, y, loss: f64::MIN_POSITIVE, accuracy: 0.123_456_789 };
        let points = places.iter().flat_map(|&y| places.map(|x| point(x, y)));
        let landscape = Landscape { points: points.collect() };
        let csv = landscape.to_csv();
        std::fs::write(&path, &csv).unwrap();
        assert_eq!(Landscape::read(&path, &places).unwrap(), landscape);

        let first: Vec<&str> = csv.lines().take(4).collect();
        std::fs::write(&path, first.join("\n") + "\n").unwrap();
        assert_eq!(Landscape::read(&path, &places).unwrap().points, landscape.points[..2], "one whole row");
        for (text, line) in [("x,y\n".into(), "line 1"), (csv.clone() + "1,2,3,4\n", "line 6")] {
            std::fs::write(&path, text).unwrap();
            assert!(Landscape::read(&path, &places).unwrap_err().to_string().contains(line));
        }
        for places in [[-0.1, 0.5], [-0.2, 1.0 / 3.0]] {
            std::fs::write(&path, &csv).unwrap();
            let message = Landscape::read(&path, &places).unwrap_err().to_string();
            assert!(message.contains("expected loss and accuracy at"), "{message}");
        }
    }
}
