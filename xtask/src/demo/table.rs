//! The demo's result as a table, from the files that its steps left.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::place;

/// The table of the demo in this folder.
///
/// # Errors
/// Where a step's file is missing or is not what the step writes.
pub(super) fn of(out: &Path) -> Result<String> {
    let results = Results { out };
    let rows = [
        ("genotype", results.genotype()?),
        ("parameters", results.parameters()?),
        (
            "MACs",
            format!(
                "{} in convolutions and linear layers",
                results.number("cost.json", "/models/0/macs/conv_linear")?
            ),
        ),
        (
            "file",
            format!(
                "{} ({} bytes)",
                results.shown("model.onnx"),
                results.number("cost.json", "/models/0/bytes")?
            ),
        ),
        ("top-1", results.accuracies()?),
        ("agreement", results.agreement()?),
        ("latency", results.latencies()?),
        (
            "random cell",
            format!("{}, drawn at random and trained equally", results.share("random.json", "/accuracy")?),
        ),
        ("linear", format!("{}, softmax classifier on the pixels", results.share("linear.json", "")?)),
        ("reports", format!("{}\n{}", results.shown("search/report.html"), results.shown("train/report.html"))),
    ];
    Ok(rows.iter().map(|(name, text)| row(name, text)).collect())
}

/// A row; further lines of its text are indented to the first.
fn row(name: &str, text: &str) -> String {
    let indented = text.replace('\n', &format!("\n{:13}", ""));
    format!("{name:<13}{indented}\n")
}

/// The files of a demo.
struct Results<'a> {
    out: &'a Path,
}

impl Results<'_> {
    fn text(&self, file: &str) -> Result<String> {
        let path = self.out.join(file);
        fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))
    }

    /// The value at this JSON pointer.
    fn value(&self, file: &str, pointer: &str) -> Result<Value> {
        let json: Value =
            serde_json::from_str(&self.text(file)?).with_context(|| format!("{file} is no JSON"))?;
        json.pointer(pointer).cloned().with_context(|| format!("{file} has nothing at {pointer}"))
    }

    fn integer(&self, file: &str, pointer: &str) -> Result<u64> {
        self.value(file, pointer)?.as_u64().with_context(|| format!("{file}: {pointer} is no count"))
    }

    fn number(&self, file: &str, pointer: &str) -> Result<String> {
        Ok(grouped(self.integer(file, pointer)?))
    }

    fn shown(&self, file: &str) -> String {
        place::shown(&self.out.join(file))
    }

    /// `correct` of `images` under this pointer.
    fn share(&self, file: &str, pointer: &str) -> Result<String> {
        let [correct, images] =
            ["correct", "images"].map(|key| self.integer(file, &format!("{pointer}/{key}")));
        Ok(percent(correct?, images?))
    }

    fn genotype(&self) -> Result<String> {
        let text = self.text("genotype.txt")?;
        Ok(text
            .trim()
            .replace(", reduce=", ",\nreduce=")
            .replace("Genotype(", "")
            .trim_end_matches(')')
            .to_string())
    }

    fn parameters(&self) -> Result<String> {
        let [trained, deployed] =
            ["trained", "deployed"].map(|kind| self.number("cost.json", &format!("/models/0/params/{kind}")));
        Ok(format!("{} trained, {} in the file (batch norms are folded)", trained?, deployed?))
    }

    fn accuracies(&self) -> Result<String> {
        let images = self.integer("ort.json", "/pictures")?;
        let runtime =
            |file: &str| Ok::<_, anyhow::Error>(percent(self.integer(file, "/top1/correct")?, images));
        let libtorch = self.share("libtorch.json", "")?;
        let [ort, tract] = ["ort.json", "tract.json"].map(runtime);
        let images = grouped(images);
        Ok(format!("libtorch {libtorch}, ONNX Runtime {}, tract {}, on {images} test pictures", ort?, tract?))
    }

    /// Of how many pictures every pair of runtimes says the same.
    fn agreement(&self) -> Result<String> {
        let comparisons = self.value("parity.json", "/comparisons")?;
        let least =
            comparisons.as_array().into_iter().flatten().filter_map(|pair| pair["top1_equal"].as_u64()).min();
        let least = least.context("parity.json has no comparisons")?;
        Ok(format!("same class on {} of {} pictures", grouped(least), self.number("parity.json", "/inputs")?))
    }

    fn latencies(&self) -> Result<String> {
        let median = |runtime: &str| {
            let file = format!("latency-{runtime}.json");
            let median = self.value(&file, "/models/0/wall/p50")?;
            median.as_f64().with_context(|| format!("{file} has no median"))
        };
        let (ort, tract) = (median("ort")?, median("tract")?);
        Ok(format!("ONNX Runtime {ort:.3} ms, tract {tract:.3} ms: median, one thread, batch 1"))
    }
}

fn percent(correct: u64, images: u64) -> String {
    format!("{:.1} %", 100.0 * correct as f64 / images as f64)
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let separated = |(at, digit): (usize, char)| {
        let comma = at > 0 && (digits.len() - at).is_multiple_of(3);
        [comma.then_some(','), Some(digit)].into_iter().flatten()
    };
    digits.chars().enumerate().flat_map(separated).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([7, 999, 1000, 1_234_567].map(grouped), ["7", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn further_lines_are_indented() {
        assert_eq!(row("a", "b\nc"), format!("a{0}b\n{0} c\n", " ".repeat(12)));
    }
}
