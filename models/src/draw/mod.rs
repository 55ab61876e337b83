//! Pictures of cells as SVG: self-contained, readable on white and on dark, equal bytes for equal cells.
//!
//! Data flow from left to right. Every edge is a pill with its operation, coloured by family, in front of the node
//! that it feeds; every node has one line, which runs to all of its readers. What carries nothing (the zero
//! operation, edges from a node without inputs) is dashed.

mod layout;
mod order;
mod paint;
mod place;
mod plan;
mod straight;
mod svg;

pub use svg::escape;

use crate::genotype::{CellGenotype, Genotype};
use layout::{Layout, Widths};

/// Pixels between two cells of one picture.
const BETWEEN: f64 = 20.0;

/// The least of 1, 2, 5 times powers of ten that is at least this positive number: a step between ticks of an axis.
#[must_use]
pub fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    steps.into_iter().find(|&step| step >= least).unwrap_or(least)
}

/// One cell under a heading. Edges that no cell can have (from a node to itself or an earlier one) are left out.
#[must_use]
pub fn cell(name: &str, cell: &CellGenotype) -> String {
    let title = format!("{name}: a cell of {} edges", cell.edges.len());
    stacked(&title, &[(name, cell)])
}

/// The cells of a genotype, one above the other.
#[must_use]
pub fn genotype(genotype: &Genotype) -> String {
    let normal = &genotype.normal;
    match &genotype.reduce {
        Some(reduce) => {
            let cells = [("normal cell", normal), ("reduction cell", reduce)];
            stacked(&format!("Normal and reduction cell of the {} space", genotype.space), &cells)
        }
        None => stacked(&format!("The cell of the {} space", genotype.space), &[("cell", normal)]),
    }
}

fn stacked(title: &str, cells: &[(&str, &CellGenotype)]) -> String {
    let layouts: Vec<(&str, Layout)> = cells.iter().map(|&(name, cell)| (name, Layout::new(cell))).collect();
    let widths = layouts.iter().map(|(_, layout)| layout.widths()).fold(Widths::default(), Widths::max);
    let (mut width, mut bottom) = (0.0_f64, 0.0);
    let mut body = String::new();
    for (at, (name, layout)) in layouts.iter().enumerate() {
        let picture = paint::picture(layout, name, widths);
        let top = if at == 0 { 0.0 } else { bottom + BETWEEN };
        body.push_str(&svg::shifted(top, &picture.body));
        width = width.max(picture.width);
        bottom = top + picture.height;
    }
    svg::document(title, [width, bottom], &body)
}

#[cfg(test)]
mod tests;
