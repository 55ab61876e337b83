//! The expected cost of an architecture, as a term of the architecture's loss.
//!
//! `E = fixed + Σ_rows Σ_k p_k · cost_k`, with the method's probabilities `p`, differentiable in the alphas; `cost_k` is what
//! candidate `k` alone needs, in all cells that share the row. Two ways into the loss (Cai et al. 2019, §3.3; `ProxylessNAS`'s
//! code calls them `add#linear` and `mul#log`): `L + λ (E − ref) / ref`, and `L · w · (ln E / ln ref)^β`.

use std::path::Path;

use models::candidate_cost::CandidateCosts;
use models::cost::Cost;
use models::lut::LatencyTable;
use models::network::Network;
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor, no_grad};

use crate::config::ensure;
use crate::error::Error;
use crate::methods::{Method, Moment, View};
use crate::net::flat_gradient;

/// What counts as cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Term {
    /// Nothing: no term.
    None,
    /// Multiply-adds.
    Macs,
    /// Trained parameters.
    Params,
    /// Bytes of activations: memory access.
    Memory,
    /// Milliseconds of a look-up table.
    Latency,
}

/// How cost enters the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Regularizer {
    /// `L + weight · (E − reference) / reference`
    Linear,
    /// `L · weight · (ln E / ln reference)^exponent`
    Log,
}

/// Settings of the cost term.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostConfig {
    /// What counts as cost.
    pub term: Term,
    /// The look-up table of `latency`: a CSV file.
    pub table: String,
    /// Its column with the milliseconds.
    pub column: String,
    /// How it enters the loss.
    pub regularizer: Regularizer,
    /// Its weight, at least 0.
    pub weight: f64,
    /// The exponent of `log`.
    pub exponent: f64,
    /// What the cost is held against, in multiply-adds, parameters, bytes or milliseconds; 0 for the cost of equal
    /// probabilities.
    pub reference: f64,
}

impl CostConfig {
    /// Refuses values out of range.
    ///
    /// # Errors
    /// Names the key.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for (key, value) in
            [("cost.weight", self.weight), ("cost.exponent", self.exponent), ("cost.reference", self.reference)]
        {
            ensure(value.is_finite() && value >= 0.0, key, value, "a number of at least 0")?;
        }
        let named = self.term != Term::Latency || !self.table.is_empty();
        ensure(named, "cost.table", "\"\"", "the CSV file with the latency of each operation")
    }
}

/// The cost of a supernet's architectures.
#[derive(Debug)]
pub struct ExpectedCost {
    config: CostConfig,
    fixed: f64,
    /// `[ops]` of each row, table after table.
    rows: Vec<Tensor>,
    reference: f64,
}

impl ExpectedCost {
    /// That of this supernet; nothing where the settings have no term.
    ///
    /// # Errors
    /// When the look-up table cannot be read or lacks a candidate, or the logarithm of a cost of at most 1 is asked for.
    pub fn new(config: &CostConfig, supernet: &Network) -> Result<Option<Self>, Error> {
        let Some((fixed, rows)) = costs(config, supernet)? else { return Ok(None) };
        let mean = |row: &Vec<f64>| row.iter().sum::<f64>() / row.len().max(1) as f64;
        let equal = fixed + rows.iter().map(mean).sum::<f64>();
        let reference = if config.reference > 0.0 { config.reference } else { equal };
        let logarithmic = config.regularizer != Regularizer::Log || reference > 1.0;
        let expected = "above 1, or 0, for cost.regularizer = \"log\"";
        ensure(logarithmic, "cost.reference", reference, expected)?;
        let rows = rows.iter().map(|row| Tensor::from_slice(row)).collect();
        Ok(Some(Self { config: config.clone(), fixed, rows, reference }))
    }

    /// What the cost is held against.
    #[must_use]
    pub const fn reference(&self) -> f64 {
        self.reference
    }

    /// The expected cost, a scalar of 64-bit floats, for these probabilities `[ops]` of each row.
    #[must_use]
    pub fn of(&self, probabilities: &[Tensor]) -> Tensor {
        let Some(first) = probabilities.first() else { return Tensor::from(self.fixed) };
        let terms = self.rows.iter().zip(probabilities).map(|(row, share)| {
            (share.to_kind(Kind::Double) * row.to_device(share.device())).sum(Kind::Double)
        });
        terms.fold(Tensor::from(self.fixed).to_device(first.device()), |sum, term| sum + term)
    }

    /// The expected cost of a method's probabilities, as [`Self::of`].
    #[must_use]
    pub fn at(&self, method: &dyn Method, view: &View<'_>, moment: Moment) -> Tensor {
        let probabilities: Vec<Tensor> =
            view.places().map(|place| method.probabilities(&place, moment)).collect();
        self.of(&probabilities)
    }

    /// The same as a number.
    #[must_use]
    pub fn number(&self, method: &dyn Method, view: &View<'_>, moment: Moment) -> f64 {
        no_grad(|| self.at(method, view, moment).double_value(&[]))
    }

    /// A loss with its cost, both scalars.
    #[must_use]
    pub fn regularised(&self, loss: &Tensor, expected: &Tensor) -> Tensor {
        let weight = self.config.weight;
        match self.config.regularizer {
            Regularizer::Linear => loss + (expected / self.reference - 1.0) * weight,
            Regularizer::Log => {
                let share = expected.clamp_min(LEAST).log() / self.reference.ln();
                loss * (share.pow_tensor_scalar(self.config.exponent) * weight)
            }
        }
    }

    /// What becomes of the gradient of a loss of this value when its cost enters it; `leaves` are what it is taken by, one
    /// behind the other.
    #[must_use]
    pub fn in_gradient(
        &self,
        gradient: &Tensor,
        loss: &Tensor,
        expected: &Tensor,
        leaves: &[Tensor],
    ) -> Tensor {
        let loss = loss.to_kind(Kind::Double).detach().set_requires_grad(true);
        let total = self.regularised(&loss, expected);
        let leaves: Vec<&Tensor> = std::iter::once(&loss).chain(leaves).collect();
        let leaves: Vec<Tensor> = leaves.into_iter().map(Tensor::shallow_clone).collect();
        let slopes = flat_gradient(&total, &leaves);
        let own = slopes.narrow(0, 1, slopes.numel() as i64 - 1);
        (gradient * slopes.get(0) + own).to_kind(gradient.kind())
    }
}

/// The least cost that a logarithm is taken of: below 1 a power of it is not defined.
const LEAST: f64 = 1.0 + 1e-6;

/// The fixed cost, and that of each candidate `[row][op]`, table after table.
type Costs = (f64, Vec<Vec<f64>>);

fn costs(config: &CostConfig, supernet: &Network) -> Result<Option<Costs>, Error> {
    let counted = |count: fn(&Cost) -> u64| {
        let costs = CandidateCosts::of(supernet);
        let row = |row: &Vec<Cost>| row.iter().map(|cost| count(cost) as f64).collect();
        (count(&costs.fixed) as f64, costs.candidates.iter().flatten().map(row).collect())
    };
    Ok(match config.term {
        Term::None => None,
        Term::Macs => Some(counted(|cost| cost.macs)),
        Term::Params => Some(counted(|cost| cost.parameters)),
        Term::Memory => Some(counted(|cost| cost.activation_bytes)),
        Term::Latency => {
            let table = LatencyTable::read(Path::new(&config.table), &config.column)?;
            Some((table.base(), table.rows(&supernet.tables)?))
        }
    })
}
