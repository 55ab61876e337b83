//! Which execution provider ran which node, and whether that is what was asked for.

use serde::{Deserialize, Serialize};

use crate::runtimes::{NodeRuns, Provider};

/// Nodes of the runtime that one execution provider ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Placed {
    /// ONNX Runtime's name for it.
    pub(crate) provider: String,
    /// ONNX Runtime's names for the nodes.
    pub(crate) nodes: Vec<String>,
}

/// What a profile proves, by provider in the order in which they are first met.
pub(crate) fn placed(nodes: &[NodeRuns]) -> Vec<Placed> {
    let mut placed: Vec<Placed> = Vec::new();
    for node in nodes {
        let provider = node.provider.as_deref().unwrap_or(Provider::Cpu.name());
        let at = placed.iter().position(|placed| placed.provider == provider).unwrap_or(placed.len());
        if at == placed.len() {
            placed.push(Placed { provider: provider.into(), nodes: Vec::new() });
        }
        placed[at].nodes.push(node.name.clone());
    }
    placed
}

/// What is less than was asked for, if anything is: nodes that ran elsewhere, or none on the provider that is wanted most.
pub(crate) fn shortfall(asked: &[Provider], placed: &[Placed]) -> Option<String> {
    let all: usize = placed.iter().map(|placed| placed.nodes.len()).sum();
    let ran = |provider: &Provider| placed.iter().any(|placed| placed.provider == provider.name());
    let is_asked = |placed: &&Placed| asked.iter().any(|provider| provider.name() == placed.provider);
    let unused = asked.first().filter(|first| !ran(first));
    let mut lines: Vec<String> =
        unused.map(|first| format!("none of its {all} nodes ran on {first}")).into_iter().collect();
    match placed {
        [only] if !lines.is_empty() => lines.push(format!("all ran on {}", flag(&only.provider))),
        _ => lines.extend(placed.iter().filter(|placed| !is_asked(placed)).map(|placed| placed.text(all))),
    }
    (!lines.is_empty()).then(|| lines.join("; "))
}

impl Placed {
    fn text(&self, all: usize) -> String {
        format!("{} of {all} ran on {}: {}", self.nodes.len(), flag(&self.provider), self.nodes.join(", "))
    }
}

/// ONNX Runtime's name as it would be on the command line.
pub(crate) fn flag(provider: &str) -> String {
    provider.trim_end_matches("ExecutionProvider").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(name: &str, provider: Provider) -> NodeRuns {
        NodeRuns {
            name: name.into(),
            op: "Conv".into(),
            provider: Some(provider.name().into()),
            activation_bytes: None,
            weight_bytes: 0,
            times: vec![1.0],
        }
    }

    #[test]
    fn nodes_that_ran_elsewhere_are_named() {
        use Provider::{Cpu, Nnapi, Xnnpack};
        let both = placed(&[ran("a", Xnnpack), ran("b", Cpu), ran("c", Xnnpack), ran("d", Cpu)]);
        assert_eq!(both.iter().map(|placed| placed.nodes.len()).collect::<Vec<_>>(), [2, 2]);
        let said = |asked: &[Provider]| shortfall(asked, &both).unwrap_or_default();
        assert_eq!(said(&[Xnnpack]), "2 of 4 ran on cpu: b, d");
        assert_eq!(said(&[Xnnpack, Cpu]), "", "the processor was asked for too");
        assert_eq!(said(&[Nnapi, Xnnpack]), "none of its 4 nodes ran on nnapi; 2 of 4 ran on cpu: b, d");
        assert_eq!(said(&[Nnapi, Xnnpack, Cpu]), "none of its 4 nodes ran on nnapi");
        let all = placed(&[ran("a", Xnnpack)]);
        assert_eq!(shortfall(&[Xnnpack], &all), None);
        assert_eq!(shortfall(&[Xnnpack, Nnapi], &all), None, "nothing was left for it");
        let instead = shortfall(&[Nnapi], &all);
        assert_eq!(instead.as_deref(), Some("none of its 1 nodes ran on nnapi; all ran on xnnpack"));
    }
}
