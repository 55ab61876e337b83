//! Result files, read and brought together by model.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize as _, Serialize};
use serde_json::Value;

use crate::{
    commands::{
        accuracy::{self, Mistake},
        compare, cost, latency, parity,
    },
    error::{Error, Result},
    measure::confusion::{Confused, Confusion},
    schema::check,
};

/// Kinds of result files, with the version of each.
const KINDS: [(&str, u32); 5] = [
    (cost::KIND, cost::SCHEMA),
    (accuracy::KIND, accuracy::SCHEMA),
    (latency::KIND, latency::SCHEMA),
    (compare::KIND, compare::SCHEMA),
    (parity::KIND, parity::SCHEMA),
];

/// Everything that the files say.
#[derive(Debug, Default, Serialize)]
pub(super) struct Gathered {
    pub(super) costs: Vec<Cost>,
    pub(super) accuracies: Vec<Accuracy>,
    pub(super) latencies: Vec<Latency>,
    pub(super) comparisons: Vec<Comparison>,
    pub(super) parities: Vec<Parity>,
    pub(super) machines: Vec<Machine>,
}

/// What a model costs.
#[derive(Debug, Serialize)]
pub(super) struct Cost {
    pub(super) model: String,
    pub(super) macs: Option<u64>,
    pub(super) params: Option<u64>,
    pub(super) bytes: Option<u64>,
    /// Published, or stored in the file.
    pub(super) top1: Option<f64>,
    pub(super) top1_on: Option<String>,
}

/// How accurate a model is on one runtime.
#[derive(Debug, Serialize)]
pub(super) struct Accuracy {
    pub(super) model: String,
    pub(super) machine: usize,
    pub(super) runtime: String,
    pub(super) data: String,
    pub(super) pictures: u64,
    pub(super) top1: f64,
    pub(super) interval: [f64; 2],
    pub(super) top5: Option<f64>,
    /// Names of the classes; empty where the file does not say who was taken for whom.
    pub(super) classes: Vec<String>,
    #[serde(skip)]
    pub(super) confusion: Option<Confusion>,
    #[serde(skip)]
    pub(super) mistakes: Vec<Mistake>,
}

/// How long a model takes on one machine, in milliseconds.
#[derive(Debug, Serialize)]
pub(super) struct Latency {
    pub(super) model: String,
    pub(super) machine: usize,
    pub(super) runtime: String,
    pub(super) threads: u64,
    pub(super) input: String,
    pub(super) cpu: Option<f64>,
    pub(super) wall: Option<f64>,
    pub(super) wall_p90: Option<f64>,
    pub(super) load: Option<f64>,
    /// MiB.
    pub(super) memory: Option<f64>,
    pub(super) contended: bool,
    pub(super) nodes: Vec<Node>,
}

/// What one node of a model takes.
#[derive(Debug, Serialize)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) op: String,
    pub(super) ms: f64,
    pub(super) gmacs_per_s: Option<f64>,
}

/// Two models in turn.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    pub(super) a: String,
    pub(super) b: String,
    pub(super) ratio: f64,
    pub(super) interval: [f64; 2],
    pub(super) verdict: String,
}

/// Agreement of two runtimes.
#[derive(Debug, Serialize)]
pub(super) struct Parity {
    pub(super) model: String,
    pub(super) pair: String,
    pub(super) relative: f64,
    pub(super) top1_equal: u64,
    pub(super) inputs: u64,
    pub(super) holds: bool,
}

/// Where results come from.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Machine {
    pub(super) name: String,
    pub(super) environment: Value,
}

impl Gathered {
    /// Reads result files; what several say about one model stands side by side.
    ///
    /// # Errors
    /// [`Error::Results`] where a file is none, or of a later version.
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self> {
        let mut gathered = Self::default();
        for path in paths {
            gathered.add(path).map_err(|problem| Error::Results { path: path.clone(), problem })?;
        }
        Ok(gathered)
    }

    fn add(&mut self, path: &Path) -> Result<(), String> {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let value: Value = serde_json::from_str(&text).map_err(|_| EXPECTED)?;
        let kind = kind(&value)?;
        let machine = self.machine(&value);
        let before = self.rows();
        match kind {
            cost::KIND => self.costs.extend(each(&value["models"]).filter_map(Cost::of)),
            accuracy::KIND => self.accuracies.extend(Accuracy::of(&value, machine)),
            latency::KIND => {
                let models = each(&value["models"]);
                self.latencies.extend(models.filter_map(|model| Latency::of(&value, model, machine)));
            }
            compare::KIND => {
                let by = value["by"].as_str().unwrap_or("cpu");
                self.comparisons
                    .extend(each(&value["comparisons"]).filter_map(|pair| Comparison::of(pair, by)));
            }
            _ => self.parities.extend(each(&value["comparisons"]).filter_map(|pair| Parity::of(&value, pair))),
        }
        if self.rows() == before { Err(format!("it has no {kind} results")) } else { Ok(()) }
    }

    fn rows(&self) -> usize {
        let Self { costs, accuracies, latencies, comparisons, parities, machines: _ } = self;
        costs.len() + accuracies.len() + latencies.len() + comparisons.len() + parities.len()
    }

    /// The number of the machine that a result is from.
    fn machine(&mut self, value: &Value) -> usize {
        let environment =
            if value["environment"].is_null() { &value["environments"][0] } else { &value["environment"] };
        let named = value["device"].as_str().or(environment["cpu"].as_str());
        let place = [&environment["arch"], &environment["os"]].map(|part| part.as_str().unwrap_or("unknown"));
        let name = format!("{}, {}", named.unwrap_or("unknown machine"), place.join(" "));
        let machine = Machine { name, environment: environment.clone() };
        self.machines.iter().position(|known| *known == machine).unwrap_or_else(|| {
            self.machines.push(machine);
            self.machines.len() - 1
        })
    }

    /// The models that anything is said about, by first appearance. One file on several machines is one model: folders do
    /// not count.
    pub(super) fn models(&self) -> Vec<&str> {
        let costs = self.costs.iter().map(|row| row.model.as_str());
        let accuracies = self.accuracies.iter().map(|row| row.model.as_str());
        let latencies = self.latencies.iter().map(|row| row.model.as_str());
        let mut models = Vec::new();
        for model in costs.chain(accuracies).chain(latencies) {
            if !models.contains(&model) {
                models.push(model);
            }
        }
        models
    }
}

const EXPECTED: &str = "expected what a command has printed with --format json";

fn kind(value: &Value) -> Result<&'static str, String> {
    let found = value["kind"].as_str().ok_or(EXPECTED)?;
    let known = KINDS.iter().find(|(kind, _)| *kind == found);
    let &(kind, schema) = known.ok_or_else(|| format!("results of kind {found:?} are not for a report"))?;
    check(value["schema"].as_u64().ok_or(EXPECTED)?, schema).map(|()| kind)
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A model's file name, or `zoo:NAME`.
fn model(value: &Value) -> Option<String> {
    let name = value.as_str()?;
    Some(name.rsplit(['/', '\\']).next().unwrap_or(name).into())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().into()
}

/// A data set without the folder that it is in on some machine; of a folder of pictures, the folder's own name.
fn data(source: &str) -> String {
    match source.split_once(':') {
        Some(("folder", path)) => model(&path.into()).unwrap_or_default(),
        Some((format, _)) => format.into(),
        None => source.into(),
    }
}

fn pair(value: &Value) -> Option<[f64; 2]> {
    Some([value[0].as_f64()?, value[1].as_f64()?])
}

impl Cost {
    fn of(value: &Value) -> Option<Self> {
        Some(Self {
            model: model(&value["model"])?,
            macs: value["macs"]["conv_linear"].as_u64(),
            params: value["params"]["deployed"].as_u64(),
            bytes: value["bytes"].as_u64(),
            top1: value["top1"].as_f64(),
            top1_on: value["top1_on"].as_str().map(String::from),
        })
    }
}

impl Accuracy {
    fn of(value: &Value, machine: usize) -> Option<Self> {
        Some(Self {
            model: model(&value["model"])?,
            machine,
            runtime: text(&value["runtime"]),
            data: data(&text(&value["data"])),
            pictures: value["pictures"].as_u64()?,
            top1: value["top1"]["percent"].as_f64()?,
            interval: pair(&value["top1"]["interval"])?,
            top5: value["top5"]["percent"].as_f64(),
            classes: each(&value["by_class"]).map(|class| text(&class["name"])).collect(),
            confusion: confusion(value),
            mistakes: each(&value["mistakes"]).filter_map(|one| Mistake::deserialize(one).ok()).collect(),
        })
    }
}

/// Who was taken for whom, from what each class has right and the list of those that were confused.
fn confusion(value: &Value) -> Option<Confusion> {
    let classes = value["by_class"].as_array()?;
    let mut pairs = Vec::new();
    for (at, class) in classes.iter().enumerate() {
        pairs.extend(std::iter::repeat_n([at, at], class["correct"].as_u64().unwrap_or(0) as usize));
    }
    for one in each(&value["confused"]) {
        let Confused { class, taken_for, pictures } = Confused::deserialize(one).ok()?;
        if class.max(taken_for) >= classes.len() {
            return None;
        }
        pairs.extend(std::iter::repeat_n([class, taken_for], pictures));
    }
    Some(Confusion::new(pairs, classes.len()))
}

impl Latency {
    fn of(file: &Value, value: &Value, machine: usize) -> Option<Self> {
        let sizes: Vec<String> = each(&value["input"]).map(ToString::to_string).collect();
        Some(Self {
            model: model(&value["model"])?,
            machine,
            runtime: text(&file["runtime"]),
            threads: file["threads"].as_u64()?,
            input: sizes.join("x"),
            cpu: value["cpu"]["p50"].as_f64(),
            wall: value["wall"]["p50"].as_f64(),
            wall_p90: value["wall"]["p90"].as_f64(),
            load: value["load"]["wall"].as_f64(),
            memory: value["memory"]["peak"].as_f64().map(|bytes| bytes / f64::from(1 << 20)),
            contended: value["contended"] == true,
            nodes: each(&value["nodes"]).filter_map(Node::of).collect(),
        })
    }

    /// CPU time where it is known: other programs do not lengthen it.
    pub(super) fn time(&self) -> Option<f64> {
        self.cpu.or(self.wall)
    }
}

impl Node {
    fn of(value: &Value) -> Option<Self> {
        Some(Self {
            name: text(&value["name"]),
            op: text(&value["op"]),
            ms: value["ms"].as_f64()?,
            gmacs_per_s: value["gmacs_per_s"].as_f64(),
        })
    }
}

impl Comparison {
    fn of(value: &Value, by: &str) -> Option<Self> {
        let judged = &value[by]["ratio"];
        Some(Self {
            a: model(&value["a"])?,
            b: model(&value["b"])?,
            ratio: judged["ratio"].as_f64()?,
            interval: pair(&judged["interval"])?,
            verdict: text(&value["verdict"]),
        })
    }
}

impl Parity {
    fn of(file: &Value, value: &Value) -> Option<Self> {
        Some(Self {
            model: model(&file["model"])?,
            pair: format!("{} and {}", text(&value["a"]), text(&value["b"])),
            relative: value["max_relative"].as_f64()?,
            top1_equal: value["top1_equal"].as_u64()?,
            inputs: file["inputs"].as_u64()?,
            holds: value["holds"].as_bool()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(files: &[&str]) -> Result<Gathered> {
        let folder = tempfile::tempdir().unwrap();
        let paths = files.iter().enumerate().map(|(at, text)| {
            let path = folder.path().join(format!("{at}.json"));
            fs::write(&path, text).unwrap();
            path
        });
        Gathered::read(&paths.collect::<Vec<_>>())
    }

    const LATENCY: &str = r#"{"kind": "latency", "schema": 1, "environment": {"cpu": "Z80", "arch": "z80", "os": "cpm"},
        "runtime": "tract", "threads": 1, "models": [{"model": "x/a.onnx", "input": [1, 3, 32, 32],
        "wall": {"p50": 9.0, "p90": null}, "cpu": {"p50": 8.5}, "load": {"wall": 3.0}, "contended": true,
        "nodes": [{"name": "c", "op": "Conv", "ms": 5.0, "gmacs_per_s": 2.0}]}]}"#;

    #[test]
    fn files_of_one_model_and_machine_come_together() {
        let accuracy = r#"{"kind": "accuracy", "schema": 1, "environment": {"cpu": "Z80", "arch": "z80", "os": "cpm"},
            "model": "y/a.onnx", "runtime": "ort", "data": "embedded", "pictures": 1000,
            "top1": {"percent": 91.5, "interval": [89.6, 93.1]}, "confused": [{"class": 1, "taken_for": 0, "pictures": 3}],
            "by_class": [{"name": "cat", "pictures": 5, "correct": 5}, {"name": "dog", "pictures": 5, "correct": 2}]}"#;
        let found = gathered(&[LATENCY, accuracy, LATENCY]).unwrap();
        assert_eq!(found.models(), ["a.onnx"]);
        assert_eq!(found.machines.len(), 1);
        assert_eq!(found.machines[0].name, "Z80, z80 cpm");
        assert_eq!((found.latencies.len(), found.latencies[0].time()), (2, Some(8.5)));
        assert_eq!(found.latencies[0].nodes[0].op, "Conv");
        let confusion = found.accuracies[0].confusion.as_ref().unwrap();
        assert_eq!(
            (confusion.totals.clone(), confusion.count(1, 0), confusion.count(0, 0)),
            (vec![5, 5], 3, 5)
        );
        assert_eq!(found.accuracies[0].interval.map(f64::to_bits), [89.6_f64, 93.1].map(f64::to_bits));
    }

    #[test]
    fn data_sets_lose_their_places() {
        assert_eq!(
            ["embedded", "cifar10:/a/b", "folder:/a/flowers"].map(data),
            ["embedded", "cifar10", "flowers"]
        );
    }

    #[test]
    fn what_is_no_result_is_named() {
        let problem = |text: &str| gathered(&[text]).unwrap_err().chain();
        assert!(problem("{").contains("0.json"));
        assert!(problem(r#"{"epoch": 3}"#).contains("--format json"));
        assert!(problem(r#"{"kind": "zoo", "schema": 1}"#).contains("kind \"zoo\""));
        assert!(
            problem(&LATENCY.replace("\"schema\": 1", "\"schema\": 9"))
                .contains("it has schema 9, this program knows 1")
        );
        assert!(problem(r#"{"kind": "latency", "schema": 1, "models": []}"#).contains("no latency results"));
    }
}
