//! Who uses a device.

use std::{
    env, fmt,
    path::Path,
    process::{Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

/// A process of someone's computer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Holder {
    /// A name of its own.
    pub(super) token: String,
    /// The computer.
    pub(super) host: String,
    /// The number of the process there.
    pub(super) process: u32,
    /// Whose it is.
    pub(super) user: String,
}

impl Holder {
    /// This process.
    pub(super) fn this() -> Self {
        let process = std::process::id();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
        let user = ["USER", "LOGNAME"].into_iter().find_map(|name| env::var(name).ok());
        let plain = |text: String| text.split_whitespace().collect::<Vec<_>>().join("-");
        Self {
            token: format!("{process:x}-{now:x}"),
            host: plain(host()),
            process,
            user: plain(user.unwrap_or_else(|| "someone".into())),
        }
    }

    /// As [`Self::to_string`] writes it; nobody where it is something else.
    pub(super) fn parse(text: &str) -> Self {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [token, host, process, user] = words[..] else { return Self::default() };
        let process = process.parse().unwrap_or_default();
        Self { token: token.into(), host: host.into(), process, user: user.into() }
    }

    /// In words.
    pub(super) fn who(&self) -> String {
        if self.token.is_empty() {
            return "someone unknown".into();
        }
        format!("{} (process {} on {})", self.user, self.process, self.host)
    }

    /// Whether it is known to have ended: only processes of this computer can be looked up.
    pub(super) fn is_gone(&self) -> bool {
        !self.token.is_empty() && self.host == Self::this().host && !is_running(self.process)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.token, self.host, self.process, self.user)
    }
}

/// Whether a process of this computer is there. Where that cannot be told, it is taken for running.
fn is_running(process: u32) -> bool {
    if Path::new("/proc/self").exists() {
        return Path::new(&format!("/proc/{process}")).exists();
    }
    let mut ps = Command::new("ps");
    let status = ps.args(["-p", &process.to_string()]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.map_or(true, |status| status.success())
}

fn host() -> String {
    let linux = models::proc::text("/proc/sys/kernel/hostname");
    let other = || String::from_utf8(Command::new("hostname").output().ok()?.stdout).ok();
    linux.or_else(other).unwrap_or_else(|| "somewhere".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_and_read_back() {
        let this = Holder::this();
        assert_eq!(Holder::parse(&this.to_string()), this);
        assert_eq!(Holder::parse("half a"), Holder::default());
        assert!(!this.is_gone());
    }

    #[test]
    fn an_ended_process_is_gone() {
        let mut child = Command::new("true").spawn().unwrap();
        let process = child.id();
        child.wait().unwrap();
        assert!(Holder { process, ..Holder::this() }.is_gone());
        assert!(!Holder { process, host: "elsewhere".into(), ..Holder::this() }.is_gone(), "cannot be known");
        assert!(!Holder::default().is_gone(), "its maker may be about to write its name");
    }
}
