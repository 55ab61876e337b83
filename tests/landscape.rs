//! Landscape and Hessian over alpha of a search, as commands: what stands in the middle, which way the directions go, going
//! on after an interruption, and what cannot be drawn.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::path::Path;
use std::process::Command;

use search::diagnostics::landscape::Plan;
use serde_json::Value;
use tch::Tensor;
use tempfile::TempDir;

use crate::resume::wait;
use crate::supernet::alone;
use crate::support::{Ended, finish, run, start};
use crate::tiny::folder_of;

const PICTURES: [&str; 4] =
    ["accuracy-surface.svg", "accuracy-contour.svg", "loss-surface.svg", "loss-contour.svg"];

/// A finished search in the folder `found`. Of NAS-Bench-201: six edges of five operations are soon seen through.
fn searched(method: &str) -> TempDir {
    let settings = "--set diagnostics.eigenvalue_every=1 --out found";
    folder_of(&format!("noisydarts-search run --space nb201 --method {method} {settings}"))
}

fn landscape(folder: &Path, rest: &str) -> Ended {
    run(folder, &format!("noisydarts-search landscape {rest}"))
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// The last line of the search's metrics.
fn last(folder: &Path) -> Value {
    serde_json::from_str(read(folder, "found/metrics.jsonl").lines().last().unwrap()).unwrap()
}

/// Loss and accuracy at (x, y), as the table has them.
fn values(csv: &str, place: &str) -> [f64; 2] {
    let line = csv.lines().find_map(|line| line.strip_prefix(place)).unwrap();
    let [loss, accuracy] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
    [loss, accuracy].map(|number| number.parse().unwrap())
}

#[track_caller]
fn refused(ended: &Ended, message: &str) {
    assert!(ended.status == Some(2) && ended.stderr.contains(message), "{:?}: {}", ended.status, ended.stderr);
}

#[test]
fn the_middle_is_what_the_search_found_last_and_the_report_shows_it() {
    let folder = searched("darts");
    let root = folder.path();
    let path = landscape(root, "found --points 3 --range 0.2").data().trim().to_string();
    let csv = read(root, &path);
    assert_eq!((path.as_str(), csv.lines().count()), ("found/landscape/landscape.csv", 10));
    let [found, last] =
        [values(&csv, "0,0,"), ["valid_loss", "valid_accuracy"].map(|key| last(root)[key].as_f64().unwrap())];
    // The same sums in the same order; decimals may lose a last bit when read.
    assert!(found.iter().zip(last).all(|(a, b)| (a - b).abs() < 1e-14), "{found:?}, {last:?}");
    let [downhill, uphill] = ["-0.2,0,", "0.2,0,"].map(|place| values(&csv, place)[0]);
    assert!(downhill < uphill, "{downhill}, {uphill}");
    let report = read(root, "found/report.html");
    assert!(report.contains("Landscape over alpha") && report.contains("gradient direction"));

    // Of one that is not finished there is a landscape too, and no report.
    for name in ["report.html", "weights.safetensors", "genotype.json"] {
        fs::remove_file(root.join("found").join(name)).unwrap();
    }
    landscape(root, "found --points 2 --images 10 --directions random --normalise table -o other").data();
    assert!(PICTURES.iter().all(|name| read(root, &format!("other/{name}")).contains("random direction")));
    assert!(!root.join("found/report.html").exists());
}

#[test]
fn directions_are_orthogonal_and_as_long_as_alphas_where_asked() {
    let folder = searched("darts");
    let root = folder.path();
    let _alone = alone();
    for (directions, normalise) in [("gradient", "none"), ("gradient", "table"), ("random", "table")] {
        let out = format!("{directions}-{normalise}");
        let line =
            format!("found --points 2 --images 8 --directions {directions} --normalise {normalise} -o {out}");
        landscape(root, &line).data();
        let plane = Plan::read(&root.join(out).join("plane.safetensors")).unwrap().plane;
        let norm = |tensor: &Tensor| tensor.norm().double_value(&[]);
        let [first, second] = &plane.directions;
        // 30 products in single precision.
        let cosine = first.dot(second).double_value(&[]) / norm(first) / norm(second);
        assert!(cosine.abs() < 1e-6, "{cosine:e}");
        let length = if normalise == "table" { norm(&plane.centre) } else { 30_f64.sqrt() };
        assert!(plane.directions.iter().all(|direction| (norm(direction) / length - 1.0).abs() < 1e-6));
    }
}

/// The bytes of all files of a landscape.
fn bytes(folder: &Path) -> Vec<Vec<u8>> {
    let names = ["plane.safetensors", "landscape.csv"].into_iter().chain(PICTURES);
    names.map(|name| fs::read(folder.join(name)).unwrap()).collect()
}

#[test]
fn an_interrupted_one_goes_on_to_the_same_bytes() {
    let folder = searched("darts");
    let root = folder.path();
    let line = "found --points 9";
    landscape(root, &format!("{line} -o whole")).data();

    let mut child = start(root, &format!("noisydarts-search landscape {line} -o stopped"));
    wait(&mut child, || root.join("stopped/landscape.csv").exists());
    let second = landscape(root, &format!("{line} -o stopped"));
    refused(&second, "another process");
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let ended = finish(child);
    assert_eq!(ended.status, Some(130), "{}", ended.stderr);
    let rows = read(root, "stopped/landscape.csv").lines().count();
    assert!(rows < 82 && (rows - 1).is_multiple_of(9), "{rows} lines, the first one names");
    landscape(root, &format!("{line} -o stopped")).data();
    assert!(bytes(&root.join("stopped")) == bytes(&root.join("whole")));

    // What is done is not done again: a number that was changed stays.
    let csv = read(root, "whole/landscape.csv");
    let marked: Vec<String> = csv.lines().take(11).map(|line| format!("{line}\n")).collect();
    let marked = marked.concat().replace(csv.lines().nth(3).unwrap(), "-0.5,-1,77,0.5");
    fs::write(root.join("whole/landscape.csv"), marked).unwrap();
    landscape(root, &format!("{line} -o whole")).data();
    assert_eq!(read(root, "whole/landscape.csv"), csv.replace(csv.lines().nth(3).unwrap(), "-0.5,-1,77,0.5"));
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let folder = searched("gdas");
    let root = folder.path();
    refused(&landscape(root, "nowhere"), "not a run folder");
    refused(&landscape(root, "found --points 2"), "no gradient with respect to alpha");
    refused(&landscape(root, "found --range 0"), "--range = 0: expected a number above 0");
    let line = "found --points 2 --images 8 --directions random";
    landscape(root, line).data();
    refused(&landscape(root, &format!("{line} --range 2")), "it is a landscape with range = 1, not 2");
    refused(&landscape(root, "found --points 2 --images 8"), "directions = random, not gradient");
    let lines = read(root, "found/landscape/landscape.csv").replace("\n1,-1,", "\n1,-1.5,");
    fs::write(root.join("found/landscape/landscape.csv"), lines).unwrap();
    refused(&landscape(root, line), "line 3: expected loss and accuracy at 1,-1");
    for command in ["landscape", "hessian"] {
        fs::remove_dir_all(root.join("found/checkpoint")).unwrap();
        let line = format!("noisydarts-search {command} found");
        refused(&run(root, &line), "no checkpoint yet");
    }
    fs::remove_file(root.join("found/alphas.jsonl")).unwrap();
    for command in ["landscape", "hessian"] {
        refused(&run(root, &format!("noisydarts-search {command} found")), "it holds a training");
    }
}

#[test]
fn the_hessian_is_the_one_whose_eigenvalue_the_search_reports() {
    let folder = searched("darts");
    let root = folder.path();
    let found = run(root, "noisydarts-search hessian found -o hessian.csv").json();
    let number = |key: &str| found[key].as_f64().unwrap();
    let reported = last(root)["eigenvalue"].as_f64().unwrap();
    assert!((number("lanczos") - reported).abs() <= 1e-14 * reported.abs(), "{found}");
    // The bound on Lanczos's residual, relative to the largest magnitude.
    let size = number("largest").abs().max(number("smallest").abs());
    assert!((number("lanczos") - number("largest")).abs() <= 1e-3 * size, "{found}");
    let values: Vec<f64> = serde_json::from_value(found["eigenvalues"].clone()).unwrap();
    assert!(values.len() == 30 && values.is_sorted(), "{values:?}");

    let csv = read(root, "hessian.csv");
    let names: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    assert_eq!((names.len(), names[0]), (30, "normal.1_0.none"));
    let rows: Vec<Vec<f64>> =
        csv.lines().skip(1).map(|line| line.split(',').map(|entry| entry.parse().unwrap()).collect()).collect();
    assert_eq!(rows.len(), 30);
    // An edge's alphas may all rise together: only the weight decay, 1e-3, notices, so each row sums to that within its
    // edge. Single precision leaves about 1e-6 of the largest entries.
    for (at, row) in rows.iter().enumerate() {
        for (edge, part) in row.chunks(5).enumerate() {
            let expected = if edge == at / 5 { 1e-3 } else { 0.0 };
            let sum: f64 = part.iter().sum();
            assert!((sum - expected).abs() < 1e-5 * (1.0 + size), "row {at}, edge {edge}: {sum:e}");
        }
    }
    let decays = values.iter().filter(|value| (**value - 1e-3).abs() < 1e-5 * (1.0 + size)).count();
    assert!(decays >= 6, "one for each edge: {values:?}");
    let trace = |numbers: &mut dyn Iterator<Item = f64>| numbers.sum::<f64>();
    let [matrix, spectrum] =
        [trace(&mut rows.iter().enumerate().map(|(at, row)| row[at])), trace(&mut values.iter().copied())];
    assert!((matrix - spectrum).abs() < 1e-6 * (1.0 + size), "{matrix}, {spectrum}");
}
