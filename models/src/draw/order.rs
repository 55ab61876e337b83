//! The order of items within their columns: as few crossings as can be found, then short lines.

use super::place::{self, Heights, links};
use super::plan::{Item, Kind, Plan};
use super::straight;

type Columns = Vec<Vec<Item>>;

/// One crossing is as bad as this many pixels of height between the ends of lines.
const CROSSING: f64 = 400.0;
/// Orders that the search starts from.
const STARTS: u64 = 16;
/// Above this many items the search would take noticeable time; no published cell comes near.
const MOST: usize = 60;

/// Brings the items into a good order and returns their heights.
pub(super) fn improve(plan: &mut Plan) -> Heights {
    sort_pills(&mut plan.columns);
    if plan.columns.iter().map(Vec::len).sum::<usize>() > MOST {
        return place::heights(&plan.columns);
    }
    let (mut best, mut least) = (plan.columns.clone(), f64::INFINITY);
    for start in 0..STARTS {
        let untangled = climb(shuffled(&plan.columns, start), crossings);
        let found = cost(&untangled);
        if found < least {
            (best, least) = (untangled, found);
        }
    }
    plan.columns = climb(best, cost);
    straight::straighten(&plan.columns, place::heights(&plan.columns))
}

/// Changes the order for as long as that lowers the cost.
fn climb(mut columns: Columns, cost: impl Fn(&Columns) -> f64) -> Columns {
    let mut least = cost(&columns);
    let mut better = true;
    while better {
        better = false;
        for change in changes(&columns) {
            let mut changed = columns.clone();
            change.apply(&mut changed);
            sort_pills(&mut changed);
            let found = cost(&changed);
            // The margin keeps rounding errors from deciding.
            if found < least - 1e-3 {
                (columns, least, better) = (changed, found, true);
            }
        }
    }
    columns
}

/// A step of the search.
enum Change {
    /// Two rows of one column.
    Swap { at: usize, rows: [usize; 2] },
    /// Every lane of one node, which no swap in a single column could move.
    Lanes { source: usize, top: bool },
}

impl Change {
    fn apply(&self, columns: &mut Columns) {
        match *self {
            Self::Swap { at, rows: [a, b] } => columns[at].swap(a, b),
            Self::Lanes { source, top } => {
                let moved = |item: &Item| item.source == source && matches!(item.kind, Kind::Lane);
                for column in columns {
                    column.sort_by_key(|item| moved(item) != top);
                }
            }
        }
    }
}

/// All changes that keep the inputs in their order.
fn changes(columns: &Columns) -> Vec<Change> {
    let swaps = (1..columns.len()).flat_map(|at| {
        let pairs = (0..columns[at].len()).flat_map(|b| (0..b).map(move |a| [a, b]));
        pairs.map(move |rows| Change::Swap { at, rows })
    });
    let lanes = columns.iter().flatten().filter(|item| !matches!(item.kind, Kind::Lane));
    let lanes = lanes.flat_map(|item| [true, false].map(|top| Change::Lanes { source: item.source, top }));
    swaps.chain(lanes).collect()
}

/// Another order to start from; the first is the order of the nodes.
fn shuffled(columns: &Columns, start: u64) -> Columns {
    let mut columns = columns.clone();
    // Knuth's MMIX generator: the picture must be the same everywhere.
    let mut state = start;
    for column in columns.iter_mut().skip(1).filter(|_| start > 0) {
        for last in (1..column.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            column.swap(last, (state >> 33) as usize % (last + 1));
        }
    }
    sort_pills(&mut columns);
    columns
}

fn crossings(columns: &Columns) -> f64 {
    let of = |at: usize| {
        let links = links(columns, at);
        let crossed = |end: usize| links[..end].iter().filter(|link| link.from > links[end].from).count();
        (0..links.len()).map(crossed).sum::<usize>()
    };
    (1..columns.len()).map(of).sum::<usize>() as f64
}

/// Crossings and the heights that lines climb.
fn cost(columns: &Columns) -> f64 {
    let heights = place::heights(columns);
    let rises = (1..columns.len()).flat_map(|at| place::rises(columns, &heights, at));
    CROSSING * crossings(columns) + rises.map(f64::abs).sum::<f64>()
}

/// Orders the pills of each node as their sources, so that their lines do not cross.
fn sort_pills(columns: &mut Columns) {
    for at in 1..columns.len() {
        let sources: Vec<usize> = columns[at - 1].iter().map(|item| item.source).collect();
        for item in &mut columns[at] {
            if let Kind::Node(pills) = &mut item.kind {
                pills.sort_by_key(|pill| sources.iter().position(|&source| source == pill.from));
            }
        }
    }
}
