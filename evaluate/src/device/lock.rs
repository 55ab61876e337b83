//! One user of a device at a time.
//!
//! The lock is a folder, because making one is atomic everywhere. It says whose it is, and holds the number of the process that runs.
//! It outlives a user whose computer was switched off: then it is taken over, by renaming it first, which only one can do.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{
    holder::Holder,
    link::Link,
    shell::{Lost, quoted},
};

/// Seconds after which a lock counts as left behind that nothing runs under and nobody has touched: each job and each file that is
/// copied touches it.
const STALE: u64 = 900;

/// What became of asking for a lock.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It is ours.
    Taken,
    /// Someone else has it.
    Held {
        /// Who, as the lock says it.
        holder: String,
        /// Seconds since it was last touched.
        age: u64,
        /// Whether a process of theirs runs.
        running: bool,
    },
    /// It cannot be made.
    Refused(String),
}

/// The lock of a device.
pub(super) struct Lock {
    /// The folder.
    pub(super) path: String,
    pub(super) holder: Holder,
}

impl Lock {
    /// Waits for the lock so many seconds. Says who else has it.
    pub(super) fn take(&self, link: &dyn Link, wait: u64, say: &dyn Fn(&str)) -> Result<(), String> {
        let (start, mut said, mut tried) = (Instant::now(), false, None);
        loop {
            let (holder, age, running) = match self.ask(link).map_err(|Lost(said)| said)? {
                Asked::Taken => return Ok(()),
                Asked::Refused(why) => return Err(format!("nothing can be written there: {why}")),
                Asked::Held { holder, age, running } => (holder, age, running),
            };
            let who = Holder::parse(&holder);
            if who.is_gone() || (!running && age > STALE) {
                if tried.as_ref() == Some(&holder) {
                    return Err(format!(
                        "{} has left {} behind, and it cannot be removed",
                        who.who(),
                        self.path
                    ));
                }
                say(&format!("{} has left the lock of {} behind; taking it over", who.who(), link.name()));
                self.take_over(link, &holder).map_err(|Lost(said)| said)?;
                tried = Some(holder);
                continue;
            }
            if start.elapsed() >= Duration::from_secs(wait) {
                return Err(format!("{} uses it; wait with --device-wait SECONDS", who.who()));
            }
            if !said {
                say(&format!("{} uses {}; waiting", who.who(), link.name()));
                said = true;
            }
            thread::sleep(Duration::from_secs(1));
        }
    }

    fn ask(&self, link: &dyn Link) -> Result<Asked, Lost> {
        let (lock, holder) = (quoted(&self.path), quoted(&self.holder.to_string()));
        // A connection that dropped after the folder was made finds its own name in it.
        let script = format!(
            "if why=$(mkdir {lock} 2>&1); then echo {holder} > {lock}/holder && echo taken; exit; fi\n\
             [ -d {lock} ] || {{ echo \"refused $why\"; exit; }}\n\
             echo \"held $(cat {lock}/holder 2>/dev/null)\"\n\
             echo $(( $(date +%s) - $(stat -c %Y {lock}/holder 2>/dev/null || stat -c %Y {lock}) ))\n\
             job=$(cat {lock}/job 2>/dev/null) && kill -0 \"$job\" 2>/dev/null && echo running"
        );
        Ok(self.answered(&link.run(&script)?.text))
    }

    fn answered(&self, text: &str) -> Asked {
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        match first.split_once(' ') {
            Some(("held", text)) => {
                if Holder::parse(text) == self.holder {
                    return Asked::Taken;
                }
                let age = lines.next().and_then(|age| age.parse().ok()).unwrap_or(0);
                Asked::Held { holder: text.into(), age, running: lines.next() == Some("running") }
            }
            Some(("refused", why)) => Asked::Refused(why.into()),
            _ if first == "taken" => Asked::Taken,
            _ => Asked::Refused(text.trim().into()),
        }
    }

    /// The folder of a user's files.
    pub(super) fn files(&self, token: &str) -> String {
        format!("{}.run-{token}", self.path.trim_end_matches(".lock"))
    }

    /// Removes what someone has left behind: the lock, the process that runs, the files.
    fn take_over(&self, link: &dyn Link, from: &str) -> Result<(), Lost> {
        let lock = quoted(&self.path);
        let moved = quoted(&format!("{}.{}", self.path, self.holder.token));
        let token = Holder::parse(from).token;
        // What is killed may still write its status there, and then a folder is not empty when it is removed.
        let removed = |files: &str| {
            format!(
                "for try in 1 2 3 4 5; do rm -rf {files} 2>/dev/null; [ -e {files} ] || break; sleep 1; done"
            )
        };
        let files = if token.is_empty() { ":".into() } else { removed(&quoted(&self.files(&token))) };
        let expected = quoted(from);
        let script = format!(
            "mv {lock} {moved} || exit 0\n\
             if [ \"$(cat {moved}/holder 2>/dev/null)\" != {expected} ]; then mv {moved} {lock}; exit 0; fi\n\
             job=$(cat {moved}/job 2>/dev/null) && kill \"$job\" 2>/dev/null\n\
             {files}\n\
             rm -rf {moved}"
        );
        link.run(&script).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let lock = Lock { path: "/tmp/noisydarts.lock".into(), holder: Holder::this() };
        assert_eq!(lock.answered("taken\n"), Asked::Taken);
        assert_eq!(lock.answered(&format!("held {}\n3\n", lock.holder)), Asked::Taken, "by this process");
        let other = Holder { token: "x".into(), host: "elsewhere".into(), process: 7, user: "ann".into() };
        let held = lock.answered(&format!("held {other}\n3\nrunning\n"));
        assert_eq!(held, Asked::Held { holder: other.to_string(), age: 3, running: true });
        let nobody = Asked::Held { holder: String::new(), age: 0, running: false };
        assert_eq!(lock.answered("held \n0\n"), nobody, "its maker may be about to write its name");
        assert_eq!(lock.files("t"), "/tmp/noisydarts.run-t");
        assert_eq!(lock.answered("refused mkdir: no\n"), Asked::Refused("mkdir: no".into()));
    }
}
