//! `latency --provider`: execution providers, and the proof that they ran what they were to run.

use crate::{
    cli::Context,
    device::Words,
    error::{Error, Result},
    measure::profile::{Placed, placed, shortfall},
    runtimes::{Options, Provider, Runtime},
    subject::ModelFile,
};

/// Arguments about execution providers.
#[derive(Debug, clap::Args)]
pub(super) struct ProviderArgs {
    /// What is to run the nodes in ONNX Runtime, the most wanted first; a profiled run shows whether it did. Nodes that fall to the
    /// processor are an error unless the list ends with cpu
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    provider: Vec<Provider>,
    /// Measure even if other providers run nodes, or if there is no such provider; say which nodes
    #[arg(long, requires = "provider")]
    allow_fallback: bool,
}

impl ProviderArgs {
    /// The same flags for another call.
    pub(super) fn words(&self, words: Words) -> Words {
        let words = words.list("--provider", &self.provider);
        if self.allow_fallback { words.word("--allow-fallback") } else { words }
    }

    /// The same options, with these providers.
    ///
    /// # Errors
    /// [`Error::Flag`] where something stands behind the processor, which leaves nothing over.
    pub(super) fn apply(&self, options: Options) -> Result<Options> {
        if self.provider.iter().rev().skip(1).any(|provider| *provider == Provider::Cpu) {
            let problem =
                "cpu takes every node, so that nothing is left for a provider after it; name it last".into();
            return Err(Error::Flag { flag: "--provider", problem });
        }
        Ok(Options { providers: self.provider.clone(), allow_fallback: self.allow_fallback, ..options })
    }
}

/// Runs a model once with a profile; which providers ran which nodes, if any were asked for.
///
/// # Errors
/// [`Error::Fallback`] where it was less than asked for and that is not allowed.
pub(super) fn prove(
    runtime: &dyn Runtime,
    file: &ModelFile,
    options: &Options,
    input: &[f32],
    context: &Context,
) -> Result<Option<Vec<Placed>>> {
    if options.providers.is_empty() {
        return Ok(None);
    }
    let mut profiler = runtime.profiler(file, options)?;
    profiler.run(input)?;
    let placed = placed(&profiler.finish()?);
    match shortfall(&options.providers, &placed) {
        Some(problem) if options.allow_fallback => context.talk.note(&format!("{}: {problem}", file.name())),
        Some(problem) => return Err(Error::Fallback { model: file.name(), problem }),
        None => {}
    }
    Ok(Some(placed))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: ProviderArgs,
    }

    /// The device's program has the same parser.
    #[test]
    fn a_device_is_told_the_same() {
        let args = ProviderArgs { provider: vec![Provider::Xnnpack, Provider::Cpu], allow_fallback: true };
        let words = args.words(Words::new(&["latency"])).into_vec();
        assert_eq!(words, ["latency", "--provider=xnnpack,cpu", "--allow-fallback"]);
        let read = Line::try_parse_from(words).expect("the same arguments").args;
        assert_eq!((read.provider, read.allow_fallback), (args.provider, true));
        let none = ProviderArgs { provider: Vec::new(), allow_fallback: false };
        assert_eq!(none.words(Words::new(&["latency"])).into_vec(), ["latency"]);
    }
}
