//! `NoisyDARTS` (Chu and Zhang 2021): noise on the output of skip connections while searching.
//!
//! `ō(x) = Σ_{k≠skip} p_k · o_k(x) + p_skip · (o_skip(x) + x̃)`, `x̃ ~ N(μ, σ²)` in training passes only
//! (paper §3.1, eq. 3; the released code agrees. Eq. 7 writes the noise on the operation's input, which
//! differs for the stride-2 skips of reduction cells). Unbiased noise leaves the expected gradient of α
//! unchanged (eq. 6) and denies the skip connection its head start.

use models::network::Table;
use models::primitive::SKIP_CONNECT;
use tch::{Kind, Tensor};

use super::{Entry, Extra, Method, Moment, Noise};
use crate::net::{Candidate, drop_path};

/// DARTS with noise.
struct NoisyDarts {
    noise: Noise,
}

impl Method for NoisyDarts {
    /// With `noise.learnable`, one `log σ` per edge, `[rows]` per table.
    fn extras(&self, tables: &[Table]) -> Vec<Extra> {
        if !self.noise.learnable {
            return Vec::new();
        }
        let extra = |table: &Table| Extra {
            name: format!("log_sigma.{}", table.name),
            initial: Tensor::full(
                [table.rows.len() as i64],
                self.noise.sigma.ln(),
                (Kind::Float, tch::Device::Cpu),
            ),
        };
        tables.iter().map(extra).collect()
    }

    fn touches(&self, op: &str, moment: Moment) -> bool {
        self.noise.reaches(op, moment.epoch)
    }

    fn perturb(&self, candidate: Candidate<'_>, extras: &[Tensor], moment: Moment, output: Tensor) -> Tensor {
        let log_sigma = extras.get(candidate.mix.table).map(|table| table.get(candidate.mix.row as i64));
        let noisy = self.noise.apply(&output, log_sigma.as_ref(), moment.epoch);
        if candidate.op == SKIP_CONNECT { drop_path(&noisy, self.noise.drop_path) } else { noisy }
    }
}

pub(super) const ENTRY: Entry = Entry {
    name: "noisydarts",
    summary: "DARTS with noise on the skip connections (or on all candidates) while searching",
    source: "Chu and Zhang 2021, Noisy Differentiable Architecture Search; details as its released code",
    settings: "",
    published: "",
    make: |config| {
        config.noise.check()?;
        Ok(Box::new(NoisyDarts { noise: config.noise.clone() }))
    },
};
