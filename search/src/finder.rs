//! Choosing a genotype at the end of a search by evaluating candidates with the supernet's weights.

use models::genotype::Genotype;
use models::network::{Row, Table};
use models::spaces::SearchSpace;
use tch::{Tensor, no_grad};

use crate::data::Batch;
use crate::meter::Meter;
use crate::methods::{Method, Moment, Numbers, Pass, View, Weighing};
use crate::net::{Mode, Net, Statistics, Weights};
use crate::random::{Purpose, Seed, Stream};

/// A finished supernet with its validation images.
pub struct Finder<'a> {
    pub(crate) net: &'a Net,
    pub(crate) weights: &'a Weights,
    pub(crate) statistics: &'a Statistics,
    pub(crate) method: &'a dyn Method,
    /// Space, choices and architecture parameters.
    pub view: View<'a>,
    pub(crate) moment: Moment,
    /// The probabilities of the method.
    pub probabilities: Numbers,
    pub(crate) seed: Seed,
    /// Validation batches by number, unchanged images.
    pub(crate) batch: &'a dyn Fn(usize) -> Batch,
    /// How many there are.
    pub batches: usize,
}

impl Finder<'_> {
    /// The genotype of the probabilities.
    #[must_use]
    pub fn derived(&self) -> Genotype {
        self.method.derive(&self.view, &self.probabilities)
    }

    /// Draws for candidate `index`.
    #[must_use]
    pub fn draws(&self, index: u64) -> Stream {
        self.seed.stream(Purpose::Genotype, index)
    }

    /// Share of these validation batches' images that the supernet classifies correctly when it is restricted to this
    /// genotype; batch norms use the statistics of the batch, since the running ones are those of other paths.
    #[must_use]
    pub fn accuracy(&self, genotype: &Genotype, batches: std::ops::Range<usize>) -> f64 {
        let rows = one_hot(self.view.tables, genotype);
        let like = &self.weights.flat;
        let weighings = rows.iter().flatten().map(|row| Weighing::chosen(row, like)).collect();
        let pass = Pass::with(self.method, &self.view, self.moment, weighings);
        let statistics = self.statistics.copy(&self.net.layout);
        let mode = Mode { train: true, drop_path: 0.0, mixing: Some(&Clean(&pass)) };
        let mut meter = Meter::default();
        for number in batches {
            let batch = (self.batch)(number);
            let logits = no_grad(|| self.net.logits(self.weights, &statistics, &batch.images, mode));
            // Only the accuracy is asked for.
            meter.add(0.0, &logits, &batch.labels);
        }
        meter.accuracy()
    }
}

/// A pass whose candidates are left as they are.
struct Clean<'a, 'b>(&'a Pass<'b>);

impl crate::net::Mixing for Clean<'_, '_> {
    fn weight(&self, mix: &models::layer::Mix, k: usize) -> Tensor {
        self.0.weight(mix, k)
    }

    fn is_active(&self, mix: &models::layer::Mix, k: usize) -> bool {
        self.0.is_active(mix, k)
    }
}

/// A genotype of the space, drawn uniformly; `draw` gives independent numbers of one continuous distribution.
pub fn uniform(space: &dyn SearchSpace, tables: &[Table], draw: &mut dyn FnMut() -> f64) -> Genotype {
    // Deriving from independent equal weights picks predecessors and operations uniformly.
    let mut row = |row: &Row| row.ops.iter().map(|_| draw()).collect();
    let weights: Numbers = tables.iter().map(|table| table.rows.iter().map(&mut row).collect()).collect();
    space.derive(tables, &weights)
}

/// A genotype of the space, each operation drawn with its probability; where a node has more edges than it keeps, an edge is
/// the likelier to stay the larger the probability of its operations other than `none`.
#[must_use]
pub fn sampled(
    space: &dyn SearchSpace,
    tables: &[Table],
    probabilities: &Numbers,
    draws: &mut Stream,
) -> Genotype {
    // Gumbel's trick: the largest `ln p + g` is that of `k` with probability `p_k`.
    let mut score = |probability: &f64| probability.ln() - (-draws.unit().ln()).ln();
    let mut row = |row: &Vec<f64>| row.iter().map(&mut score).collect();
    let scores: Numbers = probabilities.iter().map(|table| table.iter().map(&mut row).collect()).collect();
    space.derive(tables, &scores)
}

/// Mixing weights that choose this genotype: 1 for its operations, 0 for all others.
#[must_use]
pub fn one_hot(tables: &[Table], genotype: &Genotype) -> Numbers {
    let cells: Vec<_> = genotype.cells().map(|(_, cell)| cell).collect();
    let table = |(at, table): (usize, &Table)| {
        let chosen = |edge: &str, op: &str| {
            let cell = cells.get(at)?;
            cell.edges.iter().find(|own| own.name() == edge && own.op == op)
        };
        let row =
            |row: &Row| row.ops.iter().map(|op| f64::from(u8::from(chosen(&row.edge, op).is_some()))).collect();
        table.rows.iter().map(row).collect()
    };
    tables.iter().enumerate().map(table).collect()
}
