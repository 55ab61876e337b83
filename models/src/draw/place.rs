//! Heights in the picture: each item as near as possible to what it is connected with, none over another.

use super::plan::{Item, Kind};

/// Pixels between the centres of two pills of one node.
pub(super) const PITCH: f64 = 30.0;
/// Pixels between two items of one column.
const GAP: f64 = 14.0;
/// Rounds in which the columns settle against each other; more change little.
const ROUNDS: usize = 16;

/// The height of an item's line above (negative) or below the middle of the picture, by column and row.
pub(super) type Heights = Vec<Vec<f64>>;

impl Item {
    /// Pixels from its top to its bottom.
    pub(super) fn extent(&self) -> f64 {
        match &self.kind {
            Kind::Lane => 8.0,
            Kind::Input => 56.0,
            Kind::Node(pills) => PITCH * pills.len().max(1) as f64,
        }
    }

    /// How far below its middle each port lies.
    pub(super) fn offsets(&self) -> Vec<f64> {
        let count = self.ports().len();
        (0..count).map(|port| PITCH * (port as f64 - (count as f64 - 1.0) / 2.0)).collect()
    }
}

/// Heights for items that stay in this order within their columns.
pub(super) fn heights(columns: &[Vec<Item>]) -> Heights {
    let all: Vec<Vec<Link>> = (0..=columns.len()).map(|at| links(columns, at)).collect();
    let mut heights: Heights =
        columns.iter().map(|column| settle(column, &vec![(0.0, 1.0); column.len()])).collect();
    for at in (0..ROUNDS).flat_map(|_| 0..columns.len()) {
        let wishes: Vec<(f64, f64)> = (0..columns[at].len()).map(|row| wish(&all, &heights, at, row)).collect();
        heights[at] = settle(&columns[at], &wishes);
    }
    heights
}

/// Where an item would lie best, in the middle of what it is connected with, and how much that matters.
fn wish(links: &[Vec<Link>], heights: &Heights, at: usize, row: usize) -> (f64, f64) {
    let left = links[at].iter().filter(|link| link.to == row);
    let left = left.map(|link| (heights[at - 1][link.from] - link.offset, link.weight));
    let right = links[at + 1].iter().filter(|link| link.from == row);
    let right = right.map(|link| (heights[at + 1][link.to] + link.offset, link.weight));
    let add = |(sum, all), (wished, weight)| (sum + wished * weight, all + weight);
    let (sum, weights) = left.chain(right).fold((0.0, 0.0), add);
    if weights > 0.0 { (sum / weights, weights) } else { (heights[at][row], 1.0) }
}

/// A line between neighbouring columns, by rows, and how far below the reader's middle it ends.
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) offset: f64,
    /// How much it matters that it is straight: more for each end that is a lane, where a bend catches the eye.
    pub(super) weight: f64,
}

/// The lines that enter a column from the left, from top to bottom. There are none behind the last column.
pub(super) fn links(columns: &[Vec<Item>], at: usize) -> Vec<Link> {
    let Some(column) = columns.get(at).filter(|_| at > 0) else { return Vec::new() };
    let row = |source: usize| columns[at - 1].iter().position(|item| item.source == source);
    let mut links = Vec::new();
    for (to, item) in column.iter().enumerate() {
        for (source, offset) in item.ports().into_iter().zip(item.offsets()) {
            let Some(from) = row(source) else { continue };
            let ends = [item, &columns[at - 1][from]];
            let lanes = ends.iter().filter(|end| matches!(end.kind, Kind::Lane)).count() as i32;
            links.push(Link { from, to, offset, weight: 2_f64.powi(lanes) });
        }
    }
    links
}

/// How far each line into a column climbs or falls, in the order of [`links`].
pub(super) fn rises(columns: &[Vec<Item>], heights: &Heights, at: usize) -> Vec<f64> {
    let rise = |link: &Link| heights[at][link.to] + link.offset - heights[at - 1][link.from];
    links(columns, at).iter().map(rise).collect()
}

/// The heights nearest to the wished ones (weighted least squares) at which no two items overlap: isotonic
/// regression by pooling neighbours that violate the order.
fn settle(column: &[Item], wishes: &[(f64, f64)]) -> Vec<f64> {
    let bases = stacked(column);
    let mut pools: Vec<Pool> = Vec::new();
    for (&(wish, weight), base) in wishes.iter().zip(&bases) {
        let mut pool = Pool { sum: weight * (wish - base), weight, count: 1 };
        while let Some(above) = pools.pop_if(|above| above.mean() > pool.mean()) {
            pool = Pool {
                sum: above.sum + pool.sum,
                weight: above.weight + pool.weight,
                count: above.count + pool.count,
            };
        }
        pools.push(pool);
    }
    let shifts = pools.iter().flat_map(|pool| std::iter::repeat_n(pool.mean(), pool.count));
    bases.iter().zip(shifts).map(|(base, shift)| base + shift).collect()
}

/// Items that touch and move as one.
struct Pool {
    sum: f64,
    weight: f64,
    count: usize,
}

impl Pool {
    fn mean(&self) -> f64 {
        self.sum / self.weight
    }
}

/// The least distance between the middles of an item and the next one below.
pub(super) fn apart(above: &Item, below: &Item) -> f64 {
    f64::midpoint(above.extent(), below.extent()) + GAP
}

/// The middles of items that are packed from 0 downwards.
fn stacked(column: &[Item]) -> Vec<f64> {
    let mut top = 0.0;
    let mut middle = |item: &Item| {
        let middle = top + item.extent() / 2.0;
        top += item.extent() + GAP;
        middle
    };
    column.iter().map(&mut middle).collect()
}
