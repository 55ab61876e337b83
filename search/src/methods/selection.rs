//! Choosing the best of many genotypes with the supernet's weights.

use std::ops::Range;

use models::genotype::Genotype;

use crate::finder::Finder;

/// How many genotypes are evaluated on how much.
#[derive(Clone, Copy)]
pub(super) struct Rounds {
    /// Genotypes of the first round.
    pub(super) candidates: usize,
    /// Validation batches each is evaluated on there, other ones from genotype to genotype as far as there are.
    pub(super) batches: usize,
    /// How many of the best are evaluated on the whole validation set; with 1 the first round decides.
    pub(super) finalists: usize,
}

impl Rounds {
    /// The genotype of the highest accuracy, the first one among equals; `candidate` gives the n-th.
    pub(super) fn best(self, finder: &Finder<'_>, candidate: impl Fn(u64) -> Genotype) -> Genotype {
        let genotypes = (0..self.candidates as u64).map(candidate);
        let first = |(nth, genotype): (usize, Genotype)| {
            let accuracy = finder.accuracy(&genotype, window(nth, self.batches, finder.batches));
            (accuracy, genotype)
        };
        let mut ranking = ranked(genotypes.enumerate().map(first).collect());
        ranking.truncate(self.finalists);
        if ranking.len() > 1 {
            let whole = |(_, genotype): (f64, Genotype)| {
                let accuracy = finder.accuracy(&genotype, 0..finder.batches);
                (accuracy, genotype)
            };
            ranking = ranked(ranking.into_iter().map(whole).collect());
        }
        ranking.into_iter().next().map_or_else(|| finder.derived(), |(_, genotype)| genotype)
    }
}

/// The batches of the n-th candidate: the next ones, from the start again where they end.
fn window(nth: usize, length: usize, count: usize) -> Range<usize> {
    let length = length.min(count);
    let start = nth * length % (count - length + 1);
    start..start + length
}

/// By falling accuracy; equal ones stay in their order.
fn ranked(mut scored: Vec<(f64, Genotype)>) -> Vec<(f64, Genotype)> {
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_each_other_within_the_batches() {
        assert_eq!([0, 1, 2, 3].map(|nth| window(nth, 1, 3)), [0..1, 1..2, 2..3, 0..1]);
        assert_eq!([0, 1, 2].map(|nth| window(nth, 2, 5)), [0..2, 2..4, 0..2]);
        assert_eq!(window(7, 10, 4), 0..4);
    }
}
