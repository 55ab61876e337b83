//! The files that are measured: written by `noisydarts-export`, whose lowering is what ships.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

use super::Args;
use crate::{
    cli::Context,
    error::{Error, Result},
};

const KIND: &str = "operations";
const SCHEMA: u32 = 1;

/// `operations.json`.
#[derive(Debug, Deserialize)]
pub(super) struct List {
    kind: String,
    schema: u32,
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

    /// Every file once. Whole networks stand between operations, so that both see the machine as it is at the time.
    pub(super) fn files(&self) -> Vec<String> {
        let ops = self.list.rows.iter().flatten().flat_map(|operation| &operation.files);
        let mut pieces: Vec<&String> = self.list.fixed.iter().chain(ops).collect();
        let mut seen = std::collections::HashSet::new();
        pieces.retain(|file| seen.insert(*file));
        let mut networks: Vec<&String> = self.list.networks.iter().map(|network| &network.file).collect();
        networks.retain(|file| seen.insert(*file));
        let every = pieces.len().div_ceil(networks.len() + 1).max(1);
        let mut networks = networks.into_iter();
        let mut files = Vec::new();
        for (nth, piece) in pieces.into_iter().enumerate() {
            files.push(piece.clone());
            if (nth + 1) % every == 0 {
                files.extend(networks.next().cloned());
            }
        }
        files.extend(networks.cloned());
        files
    }

    /// Whether a file is a whole network.
    pub(super) fn is_whole(&self, file: &str) -> bool {
        self.list.networks.iter().any(|network| network.file == file)
    }

    /// Mean size of the whole networks, in MiB; none where there are none.
    pub(super) fn mean_size(&self) -> Option<u32> {
        let sizes =
            self.list.networks.iter().filter_map(|network| fs::metadata(self.folder.join(&network.file)).ok());
        let sizes: Vec<u64> = sizes.map(|file| file.len()).collect();
        let mean = sizes.iter().sum::<u64>().checked_div(sizes.len() as u64)?;
        u32::try_from(mean.div_ceil(1 << 20)).ok()
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
    let status = output.status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Err(failed(said, status))
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
        KIND if list.schema == SCHEMA => Ok(list),
        KIND => Err(format!("it has schema {}, this program knows {SCHEMA}", list.schema)),
        _ => Err("expected what `noisydarts-export operations` writes".into()),
    });
    checked.map_err(|problem| Error::Results { path: path.into(), problem })
}
