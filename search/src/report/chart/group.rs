//! Runs that belong together: a thin line each, their mean as a bold one, and a band from the least to the largest.

use std::fmt::Write;

use super::{Frame, Series};

/// Lines of one colour: the same quantity in several runs.
pub(in crate::report) struct Group {
    /// (x, y) of each run, x ascending.
    pub(in crate::report) lines: Vec<Vec<(f64, f64)>>,
}

/// Values of all lines at one x.
struct Spread {
    x: f64,
    low: f64,
    mean: f64,
    high: f64,
}

impl Group {
    pub(super) fn points(&self) -> impl Iterator<Item = &(f64, f64)> {
        self.lines.iter().flatten()
    }

    /// From the least to the largest value at each x; none for a single line.
    pub(super) fn band(&self, frame: &Frame, colour: &str) -> String {
        if self.lines.len() < 2 {
            return String::new();
        }
        let spread = self.spread();
        let upper = spread.iter().map(|at| (at.x, at.high));
        let lower = spread.iter().rev().map(|at| (at.x, at.low));
        let points: Vec<String> = upper.chain(lower).map(|point| frame.pair(point)).collect();
        format!("<polygon points=\"{}\" fill=\"{colour}\" fill-opacity=\"0.18\"/>", points.join(" "))
    }

    /// Each line and their mean.
    pub(super) fn lines(&self, frame: &Frame, colour: &str) -> String {
        let mut svg = String::new();
        for line in self.lines.iter().filter(|_| self.lines.len() > 1) {
            let line = frame.thin(line, colour);
            let _ = write!(svg, "<g opacity=\"0.55\" stroke-width=\"0.8\">{line}</g>");
        }
        let points = self.spread().iter().map(|at| (at.x, at.mean)).collect();
        svg + &frame.line(&Series { name: String::new(), points }, colour)
    }

    /// Only where every line has a value: else the mean would jump where a line ends.
    fn spread(&self) -> Vec<Spread> {
        let Some((first, others)) = self.lines.split_first() else { return Vec::new() };
        let at = |line: &Vec<(f64, f64)>, x: f64| {
            line.iter().find(|point| point.0.total_cmp(&x).is_eq()).map(|point| point.1)
        };
        let common = first.iter().filter_map(|&(x, y)| {
            let rest: Option<Vec<f64>> = others.iter().map(|line| at(line, x)).collect();
            let values: Vec<f64> = std::iter::once(y).chain(rest?).collect();
            let low = values.iter().copied().fold(f64::INFINITY, f64::min);
            let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            Some(Spread { x, low, mean: values.iter().sum::<f64>() / values.len() as f64, high })
        });
        common.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_of_all_lines_or_none() {
        let lines = vec![vec![(1.0, 2.0), (2.0, 4.0), (3.0, 9.0)], vec![(1.0, 4.0), (2.0, 0.0)]];
        let spread = Group { lines }.spread();
        let found: Vec<[f64; 4]> = spread.iter().map(|at| [at.x, at.low, at.mean, at.high]).collect();
        assert_eq!(found, [[1.0, 2.0, 3.0, 4.0], [2.0, 0.0, 2.0, 4.0]]);
        assert!(Group { lines: vec![] }.spread().is_empty());
    }
}
