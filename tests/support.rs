//! Running the three programs as a user does: as processes of their own.
//!
//! Cargo tells only a package's own tests where its programs are. So the test binary stands in for them: started with a
//! command line in the environment, the test [`program`] is the program of that command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Output, Stdio};

/// Holds the command line, its words separated by blanks.
const COMMAND_LINE: &str = "NOISYDARTS_TEST_COMMAND_LINE";
/// Separates what the test harness prints from what the program prints.
const START: &str = "--- the program's output ---\n";

/// What a program said and how it ended.
pub(crate) struct Ended {
    /// None where a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    fn new(output: &Output) -> Self {
        let [stdout, stderr] =
            [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let stdout = stdout.split_once(START).map_or_else(String::new, |(_, own)| own.into());
        Self { status: output.status.code(), stdout, stderr }
    }

    /// Its standard output, where it ended well.
    #[track_caller]
    pub(crate) fn data(&self) -> &str {
        assert_eq!(self.status, Some(0), "{}", self.stderr);
        &self.stdout
    }

    /// Its standard output as JSON, where it ended well.
    #[cfg(feature = "torch")]
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(self.data()).unwrap()
    }
}

/// The path of the test binary. On Linux one that still leads to it where cargo has built another one meanwhile.
fn this_program() -> PathBuf {
    let linux = PathBuf::from("/proc/self/exe");
    if linux.exists() { linux } else { std::env::current_exe().unwrap() }
}

/// Starts a program in this folder, by a command line such as `noisydarts-search spaces`.
pub(crate) fn start(folder: &Path, line: &str) -> Child {
    let arguments = ["--exact", "support::program", "--nocapture", "--test-threads=1"];
    Command::new(this_program())
        .args(arguments)
        .current_dir(folder)
        .env(COMMAND_LINE, line)
        // Only CPUs give the same bytes every time.
        .env("CUDA_VISIBLE_DEVICES", "")
        // A table that the user has set must not stand in for one that a test leaves out.
        .env_remove("NOISYDARTS_NB201")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits for a program.
pub(crate) fn finish(child: Child) -> Ended {
    Ended::new(&child.wait_with_output().unwrap())
}

/// Starts a program in this folder and waits for it.
pub(crate) fn run(folder: &Path, line: &str) -> Ended {
    finish(start(folder, line))
}

/// Not a test, but the programs; see above.
#[test]
fn program() {
    let Ok(line) = std::env::var(COMMAND_LINE) else { return };
    let words: Vec<&str> = line.split_whitespace().collect();
    print!("{START}");
    let status = main(words[0])(words.iter().map(OsString::from).collect());
    let number = (0..=u8::MAX).find(|&number| ExitCode::from(number) == status);
    std::process::exit(number.unwrap().into());
}

fn main(name: &str) -> fn(Vec<OsString>) -> ExitCode {
    match name {
        #[cfg(feature = "torch")]
        "noisydarts-search" => |args| search::main(args),
        "noisydarts-export" => |args| export::main(args),
        "noisydarts-evaluate" => |args| evaluate::main(args),
        other => panic!("there is no program {other}"),
    }
}
