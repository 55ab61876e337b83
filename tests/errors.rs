//! Wrong input of any kind: exit status 2, one line that names what is at fault and the way out, no panic.

#[cfg(feature = "torch")]
mod data;
#[cfg(feature = "torch")]
mod nb201;
mod onnx;
#[cfg(feature = "torch")]
mod results;
#[cfg(feature = "torch")]
mod settings;

use std::fs;
use std::path::Path;

use crate::support::run;

/// What is wrong, the command line that meets it, and what the message must contain.
type Case<'a> = (&'a str, &'a str, &'a [&'a str]);

/// Runs every case in this folder and reports all that are not as they should be.
#[track_caller]
fn all_are_refused(folder: &Path, cases: &[Case<'_>]) {
    let problems: Vec<String> = cases.iter().filter_map(|case| problem(folder, case)).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn problem(folder: &Path, &(what, line, expected): &Case<'_>) -> Option<String> {
    let ended = run(folder, line);
    let errors = ended.stderr.lines().filter(|line| line.starts_with("error:")).count();
    let missing: Vec<&&str> = expected.iter().filter(|text| !ended.stderr.contains(**text)).collect();
    let sound = ended.status == Some(2) && errors == 1 && missing.is_empty() && ended.stdout.is_empty();
    (!sound || ended.stderr.contains("panicked")).then(|| {
        format!(
            "{what}: status {:?}, {errors} errors, without {missing:?}\n  {line}\n  {}",
            ended.status, ended.stderr
        )
    })
}

/// Copies the first bytes of a file: the given share of them.
fn cut(folder: &Path, from: &str, to: &str, share: f64) {
    let bytes = fs::read(folder.join(from)).unwrap();
    fs::write(folder.join(to), &bytes[..(bytes.len() as f64 * share) as usize]).unwrap();
}

/// Bytes without any sense.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..count).map(|_| next()).collect()
}
