//! `cargo xtask demo`: the whole way from images to a measured ONNX file, on the embedded data.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result};

use crate::{cargo, place, setup, stop};

/// Where what a step prints on stdout goes.
enum Output {
    /// To the terminal.
    Shown,
    /// Into this file of the out folder.
    Kept(&'static str),
}

/// One command of ours. `{out}` in an argument is the out folder.
struct Step {
    title: &'static str,
    program: &'static str,
    args: &'static str,
    output: Output,
}

/// The demo, in order.
const STEPS: &[Step] = &[
    Step {
        title: "search a cell with NoisyDARTS",
        program: "noisydarts-search",
        args: "run --space darts --method noisydarts --data embedded --preset toy --out {out}/search",
        output: Output::Shown,
    },
    Step {
        title: "retrain what was found",
        program: "noisydarts-search",
        args: "train {out}/search/genotype.json --data embedded --preset toy --out {out}/train",
        output: Output::Shown,
    },
    Step {
        title: "export it as ONNX",
        program: "noisydarts-export",
        args: "{out}/search/genotype.json --weights {out}/train/weights.safetensors -o {out}/model.onnx",
        output: Output::Shown,
    },
    Step {
        title: "cost",
        program: "noisydarts-evaluate",
        args: "cost {out}/model.onnx --format json",
        output: Output::Kept("cost.json"),
    },
    Step {
        title: "accuracy with ONNX Runtime",
        program: "noisydarts-evaluate",
        args: "accuracy {out}/model.onnx --data embedded --runtime ort --format json",
        output: Output::Kept("accuracy-ort.json"),
    },
    Step {
        title: "accuracy with tract",
        program: "noisydarts-evaluate",
        args: "accuracy {out}/model.onnx --data embedded --runtime tract --format json",
        output: Output::Kept("accuracy-tract.json"),
    },
    Step {
        title: "latency",
        program: "noisydarts-evaluate",
        args: "latency {out}/model.onnx --runtime ort --format json",
        output: Output::Kept("latency.json"),
    },
    Step {
        title: "parity of the runtimes",
        program: "noisydarts-evaluate",
        args: "parity {out}/model.onnx",
        output: Output::Shown,
    },
];

/// Sets up what is missing, builds the programs, and runs the steps; each step's time is printed.
///
/// # Errors
/// Where the set-up, the build or a step fails; its status is passed on.
pub(crate) fn run(out: Option<&Path>) -> Result<()> {
    setup::ensure()?;
    cargo::run(cargo::cargo(&["build", "--release", "-p", "search", "-p", "export", "-p", "evaluate"]))?;
    let out = std::path::absolute(out.map_or_else(|| place::root().join("runs/demo"), Path::to_path_buf))?;
    fs::create_dir_all(&out).map_err(|error| stop::writing(&out, error))?;
    let start = Instant::now();
    for (index, step) in STEPS.iter().enumerate() {
        eprintln!("\n[{}/{}] {}", index + 1, STEPS.len(), step.title);
        timed(|| cargo::run(step.command(&out)?))?;
    }
    eprintln!("\ndemo: {:.1} s in all; everything is in {}", start.elapsed().as_secs_f64(), place::shown(&out));
    Ok(())
}

fn timed(task: impl FnOnce() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    task()?;
    eprintln!("xtask: {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

impl Step {
    fn command(&self, out: &Path) -> Result<Command> {
        let mut command = Command::new(programs()?.join(self.program));
        // Split before the folder is put in: its name may have spaces.
        command.args(self.args.split(' ').map(|arg| arg.replace("{out}", &out.to_string_lossy())));
        cargo::prepare(&mut command);
        if let Output::Kept(file) = self.output {
            let path = out.join(file);
            command.stdout(File::create(&path).map_err(|error| stop::writing(&path, error))?);
        }
        Ok(command)
    }
}

/// Where cargo puts the release programs: beside our own folder, wherever its target folder is.
fn programs() -> Result<PathBuf> {
    let own = std::env::current_exe().context("failed to find the target folder")?;
    let target = own.ancestors().nth(2).context("xtask is not in a target folder")?;
    Ok(target.join("release"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_name_the_out_folder() {
        let out = tempfile::Builder::new().prefix("with space").tempdir().unwrap();
        for step in STEPS {
            let command = step.command(out.path()).unwrap();
            assert!(
                command.get_args().any(|arg| arg.to_string_lossy().contains("with space")),
                "{}",
                step.title
            );
            assert!(command.get_args().all(|arg| !arg.to_string_lossy().contains('{')), "{}", step.title);
        }
    }
}
