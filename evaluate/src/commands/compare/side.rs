//! What is compared: a model, and how it is run.

use std::{fmt, path::PathBuf};

use models::clock::Cpu;
use serde::{Deserialize, Serialize};

use super::Args;
use crate::{
    cli::Context,
    commands::{
        latency::{SEED, shape_text},
        shape::ShapeArgs,
    },
    error::{Error, Result},
    measure::contest::Entrant,
    random::Random,
    runtimes::{self, Options, RUNTIMES, Runtime},
    subject::ModelFile,
};

/// A model, and how it is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Side {
    pub(crate) model: PathBuf,
    pub(crate) runtime: String,
    pub(crate) threads: u16,
    /// Shape of the input, batch included.
    pub(crate) input: Vec<usize>,
}

impl Args {
    /// A and B, whose files are read once to see that they can be run like that.
    pub(super) fn sides(&self) -> Result<[Side; 2]> {
        let runtimes =
            pair("--runtime", &self.runtime)?.map(|name| name.unwrap_or_else(|| RUNTIMES[0].name().into()));
        let threads = pair("--threads", &self.threads)?.map(|threads| threads.unwrap_or(1));
        let (batches, inputs) = (pair("--batch", &self.batch)?, pair("--input", &self.input)?);
        let models = [&self.a, self.b.as_ref().unwrap_or(&self.a)];
        let side = |at: usize| -> Result<Side> {
            let shape = ShapeArgs { batch: batches[at], input: inputs[at].clone() };
            let input = shape.running(&ModelFile::open(models[at])?, 1)?;
            Ok(Side { model: models[at].clone(), runtime: runtimes[at].clone(), threads: threads[at], input })
        };
        Ok([side(0)?, side(1)?])
    }
}

/// An option of both, or of A and of B.
fn pair<T: Clone>(flag: &'static str, values: &[T]) -> Result<[Option<T>; 2]> {
    match values {
        [] => Ok([None, None]),
        [both] => Ok([Some(both.clone()), Some(both.clone())]),
        [a, b] => Ok([Some(a.clone()), Some(b.clone())]),
        more => Err(Error::Flag {
            flag,
            problem: format!("one for both, or one for A and one for B; found {}", more.len()),
        }),
    }
}

impl Side {
    /// The runtime's version and fixed options.
    pub(super) fn about(&self, context: &Context) -> Result<String> {
        self.runtime().about(&self.options(context))
    }

    /// Loads the model.
    pub(super) fn load(&self, context: &Context) -> Result<Entrant> {
        let session = self.runtime().load(&ModelFile::open(&self.model)?, &self.options(context))?;
        let input = Random::new(SEED).values(self.input.iter().product());
        let cpu = if self.threads == 1 { Cpu::Thread } else { Cpu::Process };
        Ok(Entrant { session, input, cpu })
    }

    /// The parser has let only known names through.
    fn runtime(&self) -> &'static dyn Runtime {
        runtimes::find(&self.runtime).unwrap_or(RUNTIMES[0])
    }

    fn options(&self, context: &Context) -> Options {
        context.options(self.input.clone(), self.threads.into())
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let threads = if self.threads == 1 { "1 thread".into() } else { format!("{} threads", self.threads) };
        write!(f, "{} ({}, {threads}, {})", self.model.display(), self.runtime, shape_text(&self.input))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_for_both_or_one_each() {
        assert_eq!(pair("--batch", &[4]).unwrap(), [Some(4), Some(4)]);
        assert_eq!(pair("--batch", &[1, 8]).unwrap(), [Some(1), Some(8)]);
        assert_eq!(pair::<u8>("--batch", &[]).unwrap(), [None, None]);
        let error = pair("--batch", &[1, 2, 3]).unwrap_err().to_string();
        assert_eq!(error, "accept --batch: one for both, or one for A and one for B; found 3");
    }
}
