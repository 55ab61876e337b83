//! Hands nodes to execution providers.

use std::num::NonZeroUsize;

use ort::{
    ep::{CUDA, CoreML, ExecutionProviderDispatch, NNAPI, QNN, XNNPACK},
    session::builder::SessionBuilder,
};

use crate::{
    error::{Error, Result},
    runtimes::{Options, Provider},
};

/// Registers what was asked for, the most wanted first. Left to itself, ONNX Runtime goes on without a provider that fails.
pub(super) fn register(mut builder: SessionBuilder, options: &Options) -> Result<SessionBuilder> {
    for &provider in &options.providers {
        let Some(dispatch) = dispatch(provider, options.threads) else { continue };
        builder = match builder.with_execution_providers([dispatch.error_on_failure()]) {
            Ok(builder) => builder,
            Err(error) if options.allow_fallback => error.recover(),
            Err(error) => {
                return Err(Error::Provider { provider, source: ort::Error::<()>::from(error).into() });
            }
        };
    }
    Ok(builder)
}

/// None for the processor: it is there without being asked, and asking would only switch its memory arena off.
fn dispatch(provider: Provider, threads: usize) -> Option<ExecutionProviderDispatch> {
    let threads = NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN);
    match provider {
        Provider::Cpu => None,
        // It has threads of its own.
        Provider::Xnnpack => Some(XNNPACK::default().with_intra_op_num_threads(threads).build()),
        Provider::Nnapi => Some(NNAPI::default().build()),
        Provider::Coreml => Some(CoreML::default().build()),
        Provider::Cuda => Some(CUDA::default().build()),
        Provider::Qnn => Some(QNN::default().build()),
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    /// Profiles are searched for these names.
    #[test]
    fn names_are_those_of_onnx_runtime() {
        for &provider in Provider::value_variants() {
            let named = dispatch(provider, 1).map(|dispatch| dispatch.name());
            assert_eq!(named.unwrap_or("CPUExecutionProvider"), provider.name());
            let flag = provider.to_possible_value().expect("a name");
            assert_eq!(flag.get_name(), provider.to_string());
        }
    }
}
