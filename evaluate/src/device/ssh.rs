//! Over the system's `ssh`.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use super::{
    link::{Link, done, output},
    shell::{Answer, Lost, answer, quoted, with_status},
};

/// A host that `ssh` knows; keys, ports and users are for its own configuration to say, or for `options` of the device file.
pub(super) struct Ssh {
    pub(super) host: String,
    pub(super) options: Vec<String>,
}

/// No questions, which nobody could answer; a host that is silent for a minute is taken for gone.
const OPTIONS: [&str; 4] =
    ["BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=15", "ServerAliveCountMax=4"];

impl Link for Ssh {
    fn name(&self) -> String {
        format!("ssh:{}", self.host)
    }

    fn check(&self) -> Result<(), String> {
        let way_out = |Lost(said)| {
            format!("`ssh {}` does not get through without a question ({said}): try it by hand", self.host)
        };
        self.run(":").map(drop).map_err(way_out)
    }

    /// The script goes in by stdin, whatever shell the user has there.
    fn run(&self, script: &str) -> Result<Answer, Lost> {
        let mut ssh = self.ssh("sh");
        let mut child = ssh
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| Lost(format!("`ssh` cannot be started ({error}): install it")))?;
        if let Some(mut stdin) = child.stdin.take() {
            // Where this fails, ssh has ended, and says why below.
            let _ = stdin.write_all(with_status(script).as_bytes());
        }
        answer(&child.wait_with_output().map_err(|error| Lost(error.to_string()))?)
    }

    /// A folder goes as a stream of `tar`.
    fn push(&self, from: &Path, to: &str) -> Result<(), Lost> {
        if from.is_dir() {
            return self.push_folder(from, to);
        }
        let file = File::open(from).map_err(|error| Lost(format!("{}: {error}", from.display())))?;
        let script = format!("cat > {}", quoted(to));
        done(&output(self.ssh(&script).stdin(file))?)
    }

    fn pull(&self, from: &str, to: &Path) -> Result<(), Lost> {
        let file = File::create(to).map_err(|error| Lost(format!("{}: {error}", to.display())))?;
        done(&output(self.ssh(&format!("cat {}", quoted(from))).stdin(Stdio::null()).stdout(file))?)
    }
}

impl Ssh {
    fn ssh(&self, command: &str) -> Command {
        let mut ssh = Command::new("ssh");
        for option in OPTIONS {
            ssh.args(["-o", option]);
        }
        ssh.args(&self.options).args(["--", &self.host, command]);
        ssh
    }

    fn push_folder(&self, from: &Path, to: &str) -> Result<(), Lost> {
        let mut tar = Command::new("tar");
        let mut tar = tar
            .args(["-chf", "-", "-C"])
            .arg(from)
            .arg(".")
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Lost(format!("`tar` cannot be started ({error}): install it")))?;
        let stream = tar.stdout.take().map_or_else(Stdio::null, Stdio::from);
        let script = format!("mkdir -p {0} && tar -xf - -C {0}", quoted(to));
        let pushed = output(self.ssh(&script).stdin(stream));
        let packed = tar.wait().map_err(|error| Lost(error.to_string()))?;
        done(&pushed?)?;
        if packed.success() { Ok(()) } else { Err(Lost(format!("tar could not read {}", from.display()))) }
    }
}
