//! `cargo xtask demo`: the whole way from images to a measured ONNX file, on the embedded data.

mod steps;
mod table;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{cargo, place, setup, stop::Stop};
use steps::{Output, STEPS, Step};

/// Sets up what is missing, builds the programs, runs the steps, and prints what came out.
///
/// # Errors
/// Where the set-up, the build or a step fails; its status is passed on.
pub(crate) fn run(out: Option<&Path>) -> Result<()> {
    let out = folder(out)?;
    setup::ensure()?;
    cargo::run(cargo::cargo(&["build", "--release", "-p", "search", "-p", "export", "-p", "evaluate"]))?;
    fs::create_dir_all(&out).with_context(|| format!("failed to make {}", out.display()))?;
    let start = Instant::now();
    for (index, step) in STEPS.iter().enumerate() {
        eprintln!("\n[{}/{}] {}", index + 1, STEPS.len(), step.title);
        let begun = Instant::now();
        cargo::run(step.command(&out)?)?;
        eprintln!("xtask: {}", shown(begun.elapsed()));
    }
    eprintln!("\ndemo: {} in all; everything is in {}\n", shown(start.elapsed()), place::shown(&out));
    print!("{}", table::of(&out)?);
    Ok(())
}

/// Where the demo writes: a folder that holds no earlier demo.
fn folder(asked: Option<&Path>) -> Result<PathBuf> {
    let is_free = |path: &Path| fs::read_dir(path).map_or(true, |mut entries| entries.next().is_none());
    if let Some(asked) = asked {
        let out = std::path::absolute(asked)?;
        let refused = || Stop::user(format!("{} is not empty; choose another --out", out.display()));
        return if is_free(&out) { Ok(out) } else { Err(refused()) };
    }
    let runs = place::root().join("runs");
    let numbered = (2..).map(|number| format!("demo-{number}"));
    let mut free = std::iter::once("demo".into()).chain(numbered).map(|name: String| runs.join(name));
    free.find(|path| is_free(path)).context("failed to find a free folder under runs")
}

fn shown(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

impl Step {
    fn command(&self, out: &Path) -> Result<Command> {
        let mut command = Command::new(place::programs()?.join(self.program));
        // Split before the folder is put in: its name may have spaces.
        command.args(self.args.split(' ').map(|arg| arg.replace("{out}", &out.to_string_lossy())));
        cargo::prepare(&mut command);
        if let Output::Kept(file) = self.output {
            let path = out.join(file);
            let file = File::create(&path).with_context(|| format!("failed to write {}", path.display()))?;
            command.stdout(file);
        }
        Ok(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_name_the_out_folder() {
        let out = tempfile::Builder::new().prefix("with space").tempdir().unwrap();
        for step in STEPS {
            let command = step.command(out.path()).unwrap();
            assert!(command.get_args().all(|arg| !arg.to_string_lossy().contains('{')), "{}", step.title);
            let named = command.get_args().any(|arg| arg.to_string_lossy().contains("with space"));
            assert_eq!(named, step.args.contains("{out}"), "{}", step.title);
        }
    }

    #[test]
    fn a_folder_in_use_is_refused() {
        let out = tempfile::tempdir().unwrap();
        assert_eq!(folder(Some(out.path())).unwrap(), out.path());
        fs::write(out.path().join("something"), "").unwrap();
        assert!(folder(Some(out.path())).unwrap_err().to_string().contains("another --out"));
    }
}
