//! How the time of our step grows with batch, cells and edges.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::comparisons::COMPARISONS;
use super::measure::{Reading, output};
use super::{heading, statistics};
use crate::{cargo, place};

/// Sizes that a step is timed at, all else being equal.
struct Series {
    name: &'static str,
    /// `{}` in them is the size, or the genotype of this size.
    args: &'static str,
    sizes: &'static [u32],
}

const SERIES: &[Series] = &[
    Series {
        name: "batch",
        args: "--space darts --method noisydarts --channels 16 --cells 8 --batch {}",
        sizes: &[8, 16, 32],
    },
    Series {
        name: "cells",
        args: "--space darts --method noisydarts --channels 16 --batch 16 --cells {}",
        sizes: &[4, 8, 16],
    },
    // A supernet has a fixed number of edges, so these are trained networks, each edge of which is a sep_conv_3x3.
    Series {
        name: "edges",
        args: "--set retrain.auxiliary_weight=0 --channels 16 --cells 8 --batch 32 --retrain {}",
        sizes: &[4, 8, 16],
    },
];

/// Rounds over all sizes; their medians count.
const ROUNDS: usize = 3;
const STEPS: u32 = 2;

/// Times our steps, prints the table.
///
/// # Errors
/// Where a run fails; its status is passed on.
pub(super) fn run(threads: u32, quick: bool) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("noisydarts-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let rows = rows(threads, quick, &folder);
    fs::remove_dir_all(&folder).with_context(|| format!("failed to remove {}", folder.display()))?;
    println!("{}, --threads {threads}. Median CPU seconds of a step.\n", heading::machine());
    println!("| | sizes | CPU s | exponent |\n|:--|:--|:--|--:|\n{}", rows?.join("\n"));
    Ok(())
}

fn rows(threads: u32, quick: bool, folder: &Path) -> Result<Vec<String>> {
    let (rounds, steps) = if quick { (1, 1) } else { (ROUNDS, STEPS) };
    SERIES.iter().map(|series| series.row(rounds, steps, threads, folder)).collect()
}

impl Series {
    fn row(&self, rounds: usize, steps: u32, threads: u32, folder: &Path) -> Result<String> {
        let mut seconds: Vec<Vec<f64>> = self.sizes.iter().map(|_| Vec::new()).collect();
        for round in 1..=rounds {
            for (&size, seconds) in self.sizes.iter().zip(&mut seconds) {
                let how = format!("--threads {threads} --steps {steps}");
                let taken = self.reading(size, &how, folder)?;
                eprintln!("xtask: {} {size}, round {round} of {rounds}: {:.3} s CPU", self.name, taken.cpu);
                seconds.push(taken.cpu);
            }
        }
        let medians: Vec<f64> = seconds.iter().map(|values| statistics::median(values)).collect();
        Ok(line(self.name, self.sizes, &medians))
    }

    fn reading(&self, size: u32, how: &str, folder: &Path) -> Result<Reading> {
        let mut value = size.to_string();
        if self.name == "edges" {
            let path = folder.join(format!("{size}.genotype.json"));
            fs::write(&path, genotype(size).to_string())
                .with_context(|| format!("failed to write {}", path.display()))?;
            value = path.to_string_lossy().into_owned();
        }
        let mut command = Command::new(place::programs()?.join("noisydarts-search"));
        command.arg("bench-step").args(self.args.split(' ').map(|word| word.replace("{}", &value)));
        command.args(how.split(' '));
        cargo::prepare(&mut command);
        COMPARISONS[0].ours.fields.reading(&output(command)?)
    }
}

fn line(name: &str, sizes: &[u32], seconds: &[f64]) -> String {
    let points: Vec<(f64, f64)> =
        sizes.iter().map(|&size| f64::from(size)).zip(seconds.iter().copied()).collect();
    let sizes = sizes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let shown = seconds.iter().map(|seconds| format!("{seconds:.3}")).collect::<Vec<_>>().join(", ");
    format!("| {name} | {sizes} | {shown} | {:.2} |", statistics::exponent(&points))
}

/// Cells of the DARTS family with so many edges, an even number: two into each node, from the two before it.
fn genotype(count: u32) -> Value {
    let nodes = 2..2 + count / 2;
    let sources =
        |node: u32| [node - 1, node - 2].map(|from| json!([format!("{node}_{from}"), "sep_conv_3x3"]));
    let edges: Vec<Value> = nodes.clone().flat_map(sources).collect();
    let cell = json!({ "edges": edges, "concat": nodes.collect::<Vec<_>>() });
    json!({ "schema": 1, "space": "darts", "normal": cell, "reduce": cell })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genotypes_have_their_number_of_edges_two_into_each_node() {
        for count in [4, 8, 16] {
            let genotype = genotype(count);
            let edges = genotype["normal"]["edges"].as_array().unwrap();
            assert_eq!(edges.len(), count as usize);
            for node in genotype["normal"]["concat"].as_array().unwrap() {
                let into = format!("{node}_");
                let inputs = edges.iter().filter(|edge| edge[0].as_str().unwrap().starts_with(&into));
                assert_eq!(inputs.count(), 2, "{node}");
            }
        }
    }

    #[test]
    fn twice_the_size_for_twice_the_time_is_an_exponent_of_one() {
        assert_eq!(line("batch", &[8, 16], &[1.5, 3.0]), "| batch | 8, 16 | 1.500, 3.000 | 1.00 |");
    }
}
