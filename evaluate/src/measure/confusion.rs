//! Which classes are taken for which.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::{Deserialize, Serialize};

/// Pictures by their class and by the class they were taken for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Confusion {
    /// Pictures of each class.
    pub(crate) totals: Vec<usize>,
    /// Those that are not zero.
    counts: BTreeMap<[usize; 2], usize>,
}

/// Pictures of one class that were taken for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Confused {
    /// Their class, by number.
    pub(crate) class: usize,
    /// The other one.
    pub(crate) taken_for: usize,
    /// How many.
    pub(crate) pictures: usize,
}

impl Confusion {
    /// From each picture's class and what it was taken for.
    pub(crate) fn new(pairs: impl IntoIterator<Item = [usize; 2]>, classes: usize) -> Self {
        let mut confusion = Self { totals: vec![0; classes], counts: BTreeMap::new() };
        for pair in pairs {
            confusion.totals[pair[0]] += 1;
            *confusion.counts.entry(pair).or_default() += 1;
        }
        confusion
    }

    /// Pictures of `class` that were taken for `taken_for`.
    pub(crate) fn count(&self, class: usize, taken_for: usize) -> usize {
        self.counts.get(&[class, taken_for]).copied().unwrap_or(0)
    }

    /// What was taken for something else, the most frequent first.
    pub(crate) fn confused(&self) -> Vec<Confused> {
        let wrong = self.counts.iter().filter(|([class, taken_for], _)| class != taken_for);
        let mut wrong: Vec<Confused> =
            wrong.map(|(&[class, taken_for], &pictures)| Confused { class, taken_for, pictures }).collect();
        wrong.sort_by_key(|confused| Reverse(confused.pictures));
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_pairs_and_sorts_what_is_wrong() {
        let confusion = Confusion::new([[0, 0], [0, 1], [1, 1], [1, 0], [1, 0], [3, 3]], 4);
        assert_eq!(confusion.totals, [2, 3, 0, 1]);
        assert_eq!([confusion.count(0, 0), confusion.count(1, 0), confusion.count(2, 3)], [1, 2, 0]);
        let wrong = confusion.confused();
        assert_eq!(wrong[0], Confused { class: 1, taken_for: 0, pictures: 2 });
        assert_eq!(wrong.iter().map(|confused| confused.pictures).collect::<Vec<_>>(), [2, 1]);
    }
}
