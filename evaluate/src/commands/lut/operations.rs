//! The files that are measured: written by `noisydarts-export`, whose lowering is what ships.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

use super::Args;
use crate::{
    cli::Context,
    error::{Error, Result, status_of},
    schema::check,
};

const KIND: &str = "operations";
const SCHEMA: u32 = 1;

/// `operations.json`.
#[derive(Debug, Deserialize)]
pub(super) struct List {
    kind: String,
    schema: u64,
    pub(super) space: String,
    /// Height and width of the whole network's input.
    pub(super) input: [usize; 2],
    /// Files of what every network has.
    pub(super) fixed: Vec<String>,
    /// The candidates of each row of architecture parameters.
    pub(super) rows: Vec<Vec<Operation>>,
    /// Whole networks.
    pub(super) networks: Vec<Whole>,
}

/// A candidate.
#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    pub(super) op: String,
    /// Its files; none where it does nothing.
    pub(super) files: Vec<String>,
}

/// A whole network.
#[derive(Debug, Deserialize)]
pub(super) struct Whole {
    pub(super) file: String,
    /// Its operations, one per row, with commas between them.
    pub(super) genotype: String,
}

/// A folder of operations. One that was written for this call goes with it.
pub(super) struct Operations {
    folder: PathBuf,
    is_ours: bool,
    pub(super) list: List,
}

impl Operations {
    /// Those of the folder that was named, or of a new one.
    pub(super) fn get(args: &Args, context: &Context) -> Result<Self> {
        let (folder, is_ours) = match (&args.folder, &args.keep) {
            (Some(folder), _) => (folder.clone(), false),
            (None, Some(kept)) => (kept.join("operations"), false),
            (None, None) => {
                let name = format!("noisydarts-operations-{}", std::process::id());
                (std::env::temp_dir().join(name), true)
            }
        };
        if args.folder.is_none() {
            export(args, &folder, context)?;
        }
        Ok(Self { list: read(&folder.join("operations.json"))?, folder, is_ours })
    }

    /// Where the files are.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every file once, in groups that are measured together: an operation of all layers, one after the other as in a network, so
    /// that each finds the caches as in one. Whole networks are alone, and stand between, so that all see the machine as it is at the time.
    pub(super) fn groups(&self) -> Vec<Vec<String>> {
        let mut seen = HashSet::new();
        let widest = self.list.rows.iter().map(Vec::len).max().unwrap_or_default();
        let nth =
            |nth: usize| self.list.rows.iter().filter_map(move |row| row.get(nth)).flat_map(|op| &op.files);
        let mut pieces: Vec<Vec<String>> =
            (0..widest).map(|at| nth(at).filter(|file| seen.insert(*file)).cloned().collect()).collect();
        if let Some(group) = pieces.first_mut() {
            let (head, tail) = self.list.fixed.split_at(self.list.fixed.len().min(1));
            group.splice(0..0, head.iter().cloned());
            group.extend(tail.iter().cloned());
        }
        pieces.retain(|group| !group.is_empty());
        let networks = self.list.networks.iter().map(|network| &network.file);
        let mut networks =
            networks.filter(|file| seen.insert(*file)).map(|file| vec![file.clone()]).collect::<Vec<_>>();
        let share = networks.len().div_ceil(pieces.len().max(1));
        let mut groups = Vec::new();
        for group in pieces {
            groups.push(group);
            groups.extend(networks.drain(..share.min(networks.len())));
        }
        groups
    }

    /// The error that the list cannot be used.
    pub(super) fn refused(&self, problem: String) -> Error {
        Error::Results { path: self.folder.join("operations.json"), problem }
    }
}

impl Drop for Operations {
    fn drop(&mut self) {
        if self.is_ours {
            // It lies in the folder for temporary files, where others clean up too.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Runs `noisydarts-export operations`.
fn export(args: &Args, folder: &Path, context: &Context) -> Result<()> {
    let program = program();
    let failed = |problem: String, status| Error::Child {
        problem: format!("write the operations of {}: {problem}", args.space),
        status,
    };
    context.talk.note(&format!("{} writes the operations of {}", program.display(), args.space));
    let mut command = Command::new(&program);
    command.args(["operations", "--space", &args.space, "--networks", &args.networks.to_string()]);
    let sizes = [
        ("--input", args.input.clone()),
        ("--channels", args.channels.map(|number| number.to_string())),
        ("--cells", args.cells.map(|number| number.to_string())),
    ];
    for (flag, value) in sizes {
        command.args(value.map(|value| format!("{flag}={value}")));
    }
    let output = command.arg("-o").arg(folder).output().map_err(|error| {
        let way_out =
            "put noisydarts-export beside this program, or give a folder of `noisydarts-export operations`";
        failed(format!("{} cannot be started ({error}): {way_out}", program.display()), 2)
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().find_map(|line| line.strip_prefix("error: ")).unwrap_or("it failed").to_string();
    Err(failed(said, status_of(output.status)))
}

/// The other program: beside this one, or wherever the system finds it.
fn program() -> PathBuf {
    let name = format!("noisydarts-export{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(&name));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| name.into())
}

fn read(path: &Path) -> Result<List> {
    let parsed = fs::read_to_string(path)
        .map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str::<List>(&text).map_err(|error| error.to_string()));
    let checked = parsed.and_then(|list| match list.kind.as_str() {
        KIND => check(list.schema, SCHEMA).map(|()| list),
        _ => Err("expected what `noisydarts-export operations` writes".into()),
    });
    checked.map_err(|problem| Error::Results { path: path.into(), problem })
}
