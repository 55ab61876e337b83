//! What an exported file says about itself: the keys `noisydarts.*`.

use std::collections::BTreeMap;

use models::conventions::Macs;
use models::cost;
use models::genotype::Genotype;
use models::input::InputSpec;
use models::network::Network;

use crate::error::Error;
use crate::onnx::Header;
use crate::weights::{Origin, Weights};

/// The program's name in the files it writes.
const PRODUCER: &str = "noisydarts-export";
/// Its version.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Version of the model; runtimes read a missing one as the largest integer.
const MODEL_VERSION: i64 = 1;

/// The header of the file for `shipped`, the network for inference, not folded.
///
/// Entries, each where it is known: `genotype`, `input` (an [`InputSpec`]), `classes` and `accuracy` as JSON;
/// `parameters`, the number of trained parameters, which is more than the file holds; `macs`, the multiply-adds of
/// convolutions and linear layers for one image; `macs_by_convention`, the same as every tool counts them, in JSON; `trained`; `weights_sha256` of the weights file, or `weights_seed` of random
/// weights; `version` of this program.
///
/// # Errors
/// [`Error::Input`] when the input spec is none.
pub(crate) fn header(shipped: &Network, weights: &Weights) -> Result<Header, Error> {
    let summary = &weights.summary;
    let total = cost::total(shipped);
    let (origin, trained) = match &weights.origin {
        Origin::File { sha256, .. } => (("weights_sha256", sha256.clone()), summary.trained),
        Origin::Random { seed } => (("weights_seed", seed.to_string()), Some(false)),
    };
    let known = [
        ("genotype", summary.genotype.as_ref().map(Genotype::to_json)),
        ("input", summary.input.as_ref().map(InputSpec::to_json).transpose()?),
        ("classes", summary.classes.as_ref().map(|names| serde_json::json!(names).to_string())),
        ("accuracy", summary.accuracy.clone()),
        ("trained", trained.map(|trained| trained.to_string())),
        ("parameters", Some(total.parameters.to_string())),
        ("macs", Some(total.macs.to_string())),
        ("macs_by_convention", Some(serde_json::json!(Macs::of(shipped)).to_string())),
        (origin.0, Some(origin.1)),
        ("version", Some(VERSION.into())),
    ];
    let metadata: BTreeMap<String, String> =
        known.into_iter().filter_map(|(key, value)| Some((format!("noisydarts.{key}"), value?))).collect();
    Ok(Header { producer: [PRODUCER, VERSION], version: MODEL_VERSION, metadata })
}
