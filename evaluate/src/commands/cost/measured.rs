//! Accuracy and latency to stand beside what is counted: published, stored in the file, or from result files.

use std::path::{Path, PathBuf};

use models::spaces::skeleton::Stem;
use models::zoo::{self, Definition, Options};
use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};

/// What is known about a model besides its cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Measured {
    /// Top-1 accuracy in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top1: Option<f64>,
    /// The data that it was reached on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top1_on: Option<String>,
    /// Median of the CPU time per run, else of the wall time, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) latency: Option<f64>,
}

impl Measured {
    /// The accuracy published for a network of the zoo on the data that its skeleton is for.
    pub(super) fn published(name: &str, options: &Options) -> Self {
        let entry = zoo::name_of(name).and_then(|name| zoo::by_name(name).ok());
        let details = entry.and_then(|entry| entry.details().ok());
        let found = details.and_then(|details| {
            let on_cifar =
                matches!(details.definition, Some(Definition::Cells(_))) && options.stem == Stem::Cifar;
            let data = if on_cifar { "CIFAR-10" } else { "ImageNet" };
            let top1 = details.published.iter().filter(|row| row.data == data).find_map(|row| row.top1)?;
            Some(Self { top1: Some(top1), top1_on: Some(data.into()), latency: None })
        });
        found.unwrap_or_default()
    }

    /// These figures, and where they are missing those.
    pub(super) fn or(self, other: Self) -> Self {
        let latency = self.latency.or(other.latency);
        let accuracy = if self.top1.is_some() { self } else { other };
        Self { latency, ..accuracy }
    }
}

/// Results of `accuracy` and `latency` in JSON.
#[derive(Debug, Default)]
pub(super) struct Results(Vec<(String, Measured)>);

impl Results {
    /// Reads result files.
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self> {
        let mut results = Self::default();
        for path in paths {
            let found = read(path).map_err(|problem| Error::Flag {
                flag: "--results",
                problem: format!("{}: {problem}", path.display()),
            })?;
            results.0.extend(found);
        }
        Ok(results)
    }

    /// What they say about a model, by its name on the command line.
    pub(super) fn of(&self, model: &str) -> Measured {
        let rows = self.0.iter().filter(|(name, _)| name == model);
        rows.fold(Measured::default(), |sum, (_, measured)| measured.clone().or(sum))
    }
}

fn read(path: &Path) -> Result<Vec<(String, Measured)>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let value: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let rows = match &value["models"] {
        Value::Array(models) => models.iter().filter_map(latency).collect(),
        _ => accuracy(&value).into_iter().collect::<Vec<_>>(),
    };
    if rows.is_empty() {
        return Err("expected what `accuracy` or `latency` print with --format json".into());
    }
    Ok(rows)
}

fn accuracy(value: &Value) -> Option<(String, Measured)> {
    let top1 = value["top1"]["percent"].as_f64()?;
    let data = value["data"].as_str().map(String::from);
    Some((value["model"].as_str()?.into(), Measured { top1: Some(top1), top1_on: data, latency: None }))
}

fn latency(value: &Value) -> Option<(String, Measured)> {
    let median = value["cpu"]["p50"].as_f64().or(value["wall"]["p50"].as_f64())?;
    Some((value["model"].as_str()?.into(), Measured { latency: Some(median), ..Measured::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_accuracy_is_that_of_the_skeletons_data() {
        let top1 = |name, options: &Options| Measured::published(name, options).top1;
        assert_eq!(top1("zoo:darts-v2", &Options::default()), Some(97.24));
        assert_eq!(top1("zoo:darts-v2", &Options::imagenet()), Some(73.3));
        assert_eq!(top1("zoo:noisydarts-mobile-a-se", &Options::default()), Some(77.9));
        assert_eq!(top1("zoo:mobilenet-v2-0.5", &Options::default()), None);
        assert_eq!(top1("a.onnx", &Options::default()), None);
    }

    #[test]
    fn results_of_both_commands_are_read_by_model() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let accuracy = write("a.json", r#"{"model": "a.onnx", "data": "embedded", "top1": {"percent": 91.5}}"#);
        let latency = write(
            "l.json",
            r#"{"models": [{"model": "a.onnx", "wall": {"p50": 9.0}, "cpu": {"p50": 8.5}},
                           {"model": "b.onnx", "wall": {"p50": 3.0}}]}"#,
        );
        let results = Results::read(&[accuracy, latency]).unwrap();
        let embedded = Some("embedded".into());
        assert_eq!(results.of("a.onnx"), Measured { top1: Some(91.5), top1_on: embedded, latency: Some(8.5) });
        assert_eq!(results.of("b.onnx"), Measured { latency: Some(3.0), ..Measured::default() });
        assert_eq!(results.of("c.onnx"), Measured::default());
        let other = write("o.json", r#"{"epoch": 3}"#);
        let error = Results::read(&[other]).unwrap_err().to_string();
        assert!(error.contains("--results") && error.contains("o.json"), "{error}");
    }
}
