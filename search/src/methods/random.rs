//! Random sampling: one genotype of the space, drawn uniformly. Nothing is trained and nothing evaluated, so this is what
//! every search is to beat. The seed alone decides: `noisydarts-search sample --seed N` draws the same one.
//!
//! Source: the random baseline of Li and Talwalkar 2019 and of Yu et al. 2020, "Evaluating the Search Phase of NAS".

use models::genotype::Genotype;

use super::{Entry, Method, Training};
use crate::finder::{self, Finder};

struct Random;

impl Method for Random {
    fn trains(&self) -> Training {
        Training::Nothing
    }

    fn select(&self, finder: &Finder<'_>) -> Genotype {
        let mut draws = finder.draws(0);
        finder::uniform(finder.view.space, finder.view.tables, &mut || draws.unit())
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "random",
    summary: "one genotype drawn uniformly: nothing is trained or evaluated",
    source: "Li and Talwalkar 2019, Random Search and Reproducibility for NAS; Yu et al. 2020",
    settings: "",
    published: "",
    make: |_| Ok(Box::new(Random)),
};
