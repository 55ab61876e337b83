//! What each of the 15,625 architectures reaches, as a file under 1 MB that is mapped and not loaded.
//!
//! [`import`] makes it from the benchmark's CSV, [`Table::open`] opens it. Everything in the CSV is kept as precisely as it
//! stands there: percents and milliseconds with four decimals, seconds with two. The checksum is verified at opening.

mod bits;
mod column;
mod error;
mod format;
mod import;
mod map;

use std::cmp::Reverse;
use std::path::Path;

use memmap2::Mmap;

use super::Architecture;

pub use column::Column;
pub use error::{Error, ImportProblem, OpenProblem};
pub use import::{Imported, import};

/// The benchmark.
#[derive(Debug)]
pub struct Table {
    bytes: Mmap,
    layout: format::Layout,
}

/// What one architecture reaches.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    table: &'a Table,
    /// The architecture.
    pub architecture: Architecture,
}

/// Where an architecture stands among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// One more than there are better ones.
    pub place: usize,
    /// How many have the same value, itself among them.
    pub equal: usize,
}

impl Table {
    /// Opens a table.
    ///
    /// # Errors
    /// When the file cannot be read, is no table, is one of another version, or is damaged.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let bytes = map::map(path).map_err(|source| Error::Io { path: path.into(), source })?;
        let layout =
            format::Layout::of(&bytes).map_err(|problem| Error::Open { path: path.into(), problem })?;
        Ok(Self { bytes, layout })
    }

    /// The row of this architecture; every one has a row.
    #[must_use]
    pub const fn row(&self, architecture: Architecture) -> Row<'_> {
        Row { table: self, architecture }
    }

    /// All rows, by rank of the architecture.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        Architecture::all().map(|architecture| self.row(architecture))
    }

    /// The row of this index of the benchmark's own order.
    #[must_use]
    pub fn by_index(&self, index: u32) -> Option<Row<'_>> {
        self.rows().find(|row| row.units(Column::INDEX) == index)
    }

    /// The best rows by this column, best first; equal ones in the benchmark's own order.
    #[must_use]
    pub fn top(&self, column: Column, count: usize) -> Vec<Row<'_>> {
        let mut rows: Vec<Row<'_>> = self.rows().collect();
        rows.sort_by_cached_key(|row| (row.badness(column), row.units(Column::INDEX)));
        rows.truncate(count);
        rows
    }
}

impl Row<'_> {
    /// The value in this column: percent, milliseconds, seconds, or a count.
    #[must_use]
    pub fn get(self, column: Column) -> f64 {
        f64::from(self.units(column)) / column.scale()
    }

    /// Accuracy after 200 epochs, percent, mean over seeds: data set, on its validation images, on its test images.
    #[must_use]
    pub fn accuracies(self) -> [(&'static str, [f64; 2]); 3] {
        let values: Vec<f64> = Column::accuracies().map(|column| self.get(column)).collect();
        let names = ["CIFAR-10", "CIFAR-100", "ImageNet16-120"];
        std::array::from_fn(|at| (names[at], [values[2 * at], values[2 * at + 1]]))
    }

    /// Where it stands in this column, from 1 for the best.
    #[must_use]
    pub fn place(self, column: Column) -> Place {
        let own = self.badness(column);
        let mut place = Place { place: 1, equal: 0 };
        for other in self.table.rows().map(|row| row.badness(column)) {
            place.place += usize::from(other < own);
            place.equal += usize::from(other == own);
        }
        place
    }

    fn units(self, column: Column) -> u32 {
        self.table.layout.value(&self.table.bytes, self.architecture.rank(), column)
    }

    /// Smaller for better: accuracies are to be high, all else is to be low.
    fn badness(self, column: Column) -> (Reverse<u32>, u32) {
        let units = self.units(column);
        if column.is_accuracy() { (Reverse(units), 0) } else { (Reverse(0), units) }
    }
}

#[cfg(test)]
mod tests;
