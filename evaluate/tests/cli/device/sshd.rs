//! A server of our own: its keys, its port, this user.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::{Bench, until};

/// A running sshd, which ends with this.
pub(super) struct Sshd {
    folder: tempfile::TempDir,
    port: u16,
    server: Child,
}

impl Sshd {
    /// Starts one, or says why that is not possible here.
    pub(super) fn start() -> Option<Self> {
        let Some(program) = program() else {
            eprintln!("skipped: there is no sshd here (Debian: openssh-server)");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["host", "user"] {
            let key = folder.path().join(name);
            let made =
                Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(key).status();
            if !made.is_ok_and(|status| status.success()) {
                eprintln!("skipped: ssh-keygen makes no keys here");
                return None;
            }
        }
        // It insists on this folder when root starts it.
        let _ = fs::create_dir_all("/run/sshd");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let path = |name| folder.path().join(name).display().to_string();
        let lines = [
            format!("Port {port}"),
            "ListenAddress 127.0.0.1".into(),
            format!("HostKey {}", path("host")),
            format!("AuthorizedKeysFile {}", path("user.pub")),
            "PidFile none".into(),
            "UsePAM no".into(),
            "StrictModes no".into(),
            "PasswordAuthentication no".into(),
        ];
        fs::write(folder.path().join("config"), lines.join("\n")).expect("a file");
        let server = serve(&program, folder.path(), port);
        let sshd = Self { folder, port, server };
        let probe = Command::new("ssh").args(sshd.options()).args(["127.0.0.1", ":"]).output().expect("ssh");
        if !probe.status.success() {
            eprintln!("skipped: sshd lets this user in not: {}", String::from_utf8_lossy(&probe.stderr).trim());
            return None;
        }
        Some(sshd)
    }

    /// A device that is reached through it.
    pub(super) fn bench(&self, lines: &str) -> Bench {
        Bench::new(&format!("on = \"ssh:127.0.0.1\"\noptions = {:?}\n{lines}", self.options()))
    }

    /// Breaks every connection; new ones are taken.
    pub(super) fn drop_connections(&self) {
        let connections = self.connections();
        assert!(!connections.is_empty(), "there was no connection");
        kill(&connections);
    }

    /// Breaks every connection and takes no more.
    pub(super) fn vanish(&mut self) {
        let connections = self.connections();
        self.stop();
        kill(&connections);
    }

    /// The processes that serve connections.
    fn connections(&self) -> Vec<String> {
        let found = Command::new("pgrep").args(["-P", &self.server.id().to_string()]).output().expect("pgrep");
        String::from_utf8_lossy(&found.stdout).split_whitespace().map(String::from).collect()
    }

    fn stop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }

    /// Takes connections again.
    pub(super) fn start_again(&mut self) {
        self.server = serve(&program().expect("sshd"), self.folder.path(), self.port);
    }

    fn options(&self) -> Vec<String> {
        let key = self.folder.path().join("user").display().to_string();
        let mut options =
            vec!["-F".into(), "/dev/null".into(), "-p".into(), self.port.to_string(), "-i".into(), key];
        for option in ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"] {
            options.extend(["-o".into(), option.into()]);
        }
        options
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.stop();
    }
}

fn kill(processes: &[String]) {
    let _ = Command::new("kill").arg("-KILL").args(processes).status();
}

fn serve(program: &Path, folder: &Path, port: u16) -> Child {
    let server = Command::new(program)
        .args(["-D", "-f"])
        .arg(folder.join("config"))
        .stderr(Stdio::null())
        .spawn()
        .expect("sshd");
    until("sshd listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    server
}

/// It wants to be started by its whole path.
fn program() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&folders).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder| folder.join("sshd")).find(|path| path.is_file())
}
