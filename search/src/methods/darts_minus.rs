//! DARTS- (Chu et al. 2021): an auxiliary skip connection that fades away while searching.
//!
//! Mixed edge: `ō(x) = β · x' + Σ_k softmax(α)_k · o_k(x)`, where `x'` is x, or its factorized reduction at stride 2, with
//! weights of its own. `β = (E − e) / E` falls from 1 in the first of E epochs, so that towards the end only the operations
//! are left. Since β helps training as a skip connection does, the skip connection among the operations has to earn its α.
//!
//! The auxiliary one is the last candidate of each row. It has a place among the alphas, which takes no gradient, and no
//! part in the softmax or in the derived cell. Where the number of channels changes, there is none.

use models::genotype::Genotype;
use models::network::{Network, Row, Table};
use tch::{Kind, Tensor};

use super::{Entry, Method, Moment, Numbers, Place, View, softmax};
use crate::error::Error;
use crate::passes::{AUXILIARY_SKIP, with_auxiliary_skips};

/// DARTS with an auxiliary skip connection.
struct DartsMinus;

impl Method for DartsMinus {
    fn prepare(&self, supernet: Network) -> Result<Network, Error> {
        Ok(with_auxiliary_skips(&supernet)?)
    }

    /// The softmax over the operations, then β.
    fn probabilities(&self, place: &Place<'_>, moment: Moment) -> Tensor {
        let ops = operations(place.ops);
        let probabilities = softmax(&place.alpha.narrow(0, 0, ops as i64));
        if ops == place.ops.len() {
            return probabilities;
        }
        let beta = Tensor::full([1], 1.0 - moment.progress(), (Kind::Float, place.alpha.device()));
        Tensor::cat(&[probabilities, beta.to_kind(place.alpha.kind())], 0)
    }

    fn derive(&self, view: &View<'_>, probabilities: &Numbers) -> Genotype {
        let (tables, weights) = without_auxiliary(view.tables, probabilities);
        view.space.derive(&tables, &weights)
    }
}

/// How many of a row's candidates are the space's.
fn operations(ops: &[String]) -> usize {
    ops.iter().filter(|op| *op != AUXILIARY_SKIP).count()
}

/// The space's own tables, and the weights of their operations.
fn without_auxiliary(tables: &[Table], weights: &Numbers) -> (Vec<Table>, Numbers) {
    let own_row = |row: &Row| Row { ops: row.ops[..operations(&row.ops)].to_vec(), ..row.clone() };
    let own = |table: &Table| Table { rows: table.rows.iter().map(own_row).collect(), ..table.clone() };
    let kept = |(table, rows): (&Table, &Vec<Vec<f64>>)| {
        table.rows.iter().zip(rows).map(|(row, weights)| weights[..operations(&row.ops)].to_vec()).collect()
    };
    (tables.iter().map(own).collect(), tables.iter().zip(weights).map(kept).collect())
}

pub(super) const ENTRY: Entry = Entry {
    name: "darts-",
    summary: "DARTS with an auxiliary skip connection on every edge, whose weight falls from 1 to 0",
    source: "Chu et al. 2021, DARTS-: Robustly Stepping out of Performance Collapse Without Indicators",
    settings: "",
    published: include_str!("../../presets/methods/darts_minus.toml"),
    make: |_| Ok(Box::new(DartsMinus)),
};
