//! The last touch to the heights: lines that are nearly straight become straight.

use std::collections::BTreeMap;

use super::place::{Heights, Link, apart, links};
use super::plan::Item;

/// A bend is as bad as this many pixels of climbing.
const BEND: f64 = 12.0;
/// Pixels below which a line is straight.
const STRAIGHT: f64 = 0.05;
/// Passes over all items; the search ends by itself long before.
const PASSES: usize = 50;

/// Column and row.
type Place = (usize, usize);

/// The lines between the items of all columns.
struct Lines<'a> {
    columns: &'a [Vec<Item>],
    /// Those into each column.
    links: Vec<Vec<Link>>,
}

/// Moves items so that lines become straight, for as long as that saves more bends and climbs than it costs.
pub(super) fn straighten(columns: &[Vec<Item>], mut heights: Heights) -> Heights {
    let lines = Lines { columns, links: (0..=columns.len()).map(|at| links(columns, at)).collect() };
    let mut least = lines.cost(&heights);
    for _ in 0..PASSES {
        let before = least;
        for place in
            columns.iter().enumerate().flat_map(|(at, column)| (0..column.len()).map(move |row| (at, row)))
        {
            for (_, by) in lines.neighbours(&heights, place) {
                for drag in [false, true] {
                    let moved = lines.moved(&heights, place, by, drag);
                    let cost = lines.cost(&moved);
                    // The margin keeps rounding errors from deciding.
                    if cost < least - 1e-3 {
                        (heights, least) = (moved, cost);
                    }
                }
            }
        }
        if least >= before {
            break;
        }
    }
    heights
}

impl Lines<'_> {
    fn cost(&self, heights: &Heights) -> f64 {
        let of = |at: usize| {
            let rise =
                move |link: &Link| (heights[at][link.to] + link.offset - heights[at - 1][link.from]).abs();
            self.links[at].iter().map(move |link| {
                let rise = rise(link);
                link.weight * if rise < STRAIGHT { 0.0 } else { rise + BEND }
            })
        };
        (1..self.columns.len()).flat_map(of).sum()
    }

    /// What an item is connected with, and how far the item would have to move to make that line straight.
    fn neighbours(&self, heights: &Heights, (at, row): Place) -> Vec<(Place, f64)> {
        let here = heights[at][row];
        let left = self.links[at].iter().filter(|link| link.to == row);
        let left = left.map(|link| ((at - 1, link.from), heights[at - 1][link.from] - link.offset - here));
        let right = self.links[at + 1].iter().filter(|link| link.from == row);
        let right = right.map(|link| ((at + 1, link.to), heights[at + 1][link.to] + link.offset - here));
        left.chain(right).collect()
    }

    /// The heights after an item has moved, has pushed what was in its way, and, when it `drag`s, has kept its
    /// straight lines straight.
    fn moved(&self, heights: &Heights, place: Place, by: f64, drag: bool) -> Heights {
        let mut shifts: BTreeMap<Place, f64> = BTreeMap::new();
        let mut waiting = vec![(place, by)];
        while let Some((place, by)) = waiting.pop() {
            if by.abs() < STRAIGHT || shifts.get(&place).is_some_and(|known| known.abs() >= by.abs()) {
                continue;
            }
            shifts.insert(place, by);
            waiting.extend(self.pushed(heights, place, by));
            let dragged =
                self.neighbours(heights, place).into_iter().filter(|(_, away)| drag && away.abs() < STRAIGHT);
            waiting.extend(dragged.map(|(neighbour, _)| (neighbour, by)));
        }
        let mut heights = heights.clone();
        for ((at, row), by) in shifts {
            heights[at][row] += by;
        }
        heights
    }

    /// The next item of the column, as far as it has to give way.
    fn pushed(&self, heights: &Heights, (at, row): Place, by: f64) -> Option<(Place, f64)> {
        let next = if by > 0.0 { row + 1 } else { row.checked_sub(1)? };
        let (column, y) = (&self.columns[at], &heights[at]);
        let needed = apart(&column[row.min(next)], column.get(row.max(next))?);
        let room = (y[next] - y[row]).abs() - needed;
        (room < by.abs()).then(|| ((at, next), by.signum() * (by.abs() - room.max(0.0))))
    }
}
