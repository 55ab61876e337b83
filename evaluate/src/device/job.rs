//! One run of the program on a device, which outlives the connection.

use std::collections::BTreeMap;

use super::shell::{Answer, quoted};
use crate::{error::Error, talk::Talk};

/// What is run, and where.
pub(super) struct Job<'a> {
    /// Counts the jobs of a session.
    pub(super) number: usize,
    /// The folder of the session's files.
    pub(super) files: &'a str,
    /// The folder of the lock.
    pub(super) lock: &'a str,
    pub(super) environment: &'a BTreeMap<String, String>,
    /// The program's arguments.
    pub(super) words: &'a [String],
}

/// What the program did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    /// Its exit status.
    pub(crate) status: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Statuses of the script itself.
pub(super) const NO_FILES: u8 = 97;
const DIED: u8 = 98;

const OUT: &str = "noisydarts-stdout";
const ERR: &str = "noisydarts-stderr";

impl Job<'_> {
    /// Starts the job if it was not started, waits for its end, and prints what it wrote: to be run again when the connection
    /// dropped. The process that waits is the job's parent, so that its end is seen at once; after a drop it is looked for.
    pub(super) fn script(&self) -> String {
        let Self { number, files, lock, environment, words } = self;
        let (files, lock) = (quoted(files), quoted(lock));
        let variables = environment.iter().map(|(name, value)| format!("export {name}={}\n", quoted(value)));
        let variables: String = variables.collect();
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let job = format!(
            "{variables}./noisydarts-evaluate {} > out-{number} 2> err-{number} < /dev/null &\n\
             echo $! > {lock}/job; wait $!; echo $? > status; mv status status-{number}",
            words.join(" ")
        );
        format!(
            "cd {files} 2>/dev/null && [ -d {lock} ] || exit {NO_FILES}\n\
             touch {lock}/holder\n\
             if mkdir started-{number} 2>/dev/null; then\n\
             rm -f {lock}/job\n\
             printf '%s\\n' {} > job\n\
             nohup sh ./job > /dev/null 2>&1 < /dev/null &\n\
             wait $!\n\
             fi\n\
             while [ ! -f status-{number} ]; do\n\
             sleep 1\n\
             kill -0 \"$(cat {lock}/job 2>/dev/null)\" 2>/dev/null || sleep 1\n\
             kill -0 \"$(cat {lock}/job 2>/dev/null)\" 2>/dev/null || [ -f status-{number} ] || exit {DIED}\n\
             done\n\
             cat status-{number}\necho {ERR}\ncat err-{number}\necho\necho {OUT}\ncat out-{number}",
            quoted(&job)
        )
    }

    /// What the script answered.
    pub(super) fn read(answer: &Answer) -> Result<Ran, String> {
        match answer.status {
            0 => {}
            NO_FILES => return Err("its files are gone: was it restarted?".into()),
            DIED => {
                return Err(
                    "the program there ended without a status: was it restarted, or out of memory?".into()
                );
            }
            status => return Err(format!("its shell answered with status {status}: {}", answer.text.trim())),
        }
        let parts = answer.text.split_once(&format!("{ERR}\n")).and_then(|(status, rest)| {
            let (stderr, stdout) = rest.split_once(&format!("\n{OUT}\n"))?;
            Some(Ran {
                status: status.trim().parse().ok()?,
                stdout: stdout.into(),
                stderr: stderr.trim().into(),
            })
        });
        parts.ok_or_else(|| {
            format!("its shell answered {:?}", answer.text.chars().take(100).collect::<String>())
        })
    }
}

impl Ran {
    /// Says its notes here; `place` says where they come from.
    pub(crate) fn notes(&self, talk: Talk, place: &str) {
        for note in self.stderr.lines().filter_map(|line| line.strip_prefix("note: ")) {
            talk.note(&format!("{place}: {note}"));
        }
    }

    /// The error that the program reported, as if it had gone wrong here; `place` says where it did.
    pub(crate) fn error(&self, place: &str) -> Error {
        let last = self.stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        let ours = self.stderr.lines().find_map(|line| line.strip_prefix("error: failed to "));
        let parser = self.stderr.lines().find_map(|line| line.strip_prefix("error: "));
        let problem = match (ours, parser) {
            (Some(problem), _) => format!("{problem} (on {place})"),
            (None, Some(problem)) => format!("run on {place}: its program says: {problem}"),
            _ => format!("run on {place}: status {}: {last}", self.status),
        };
        Error::Child { problem, status: if self.status == 2 { 2 } else { 1 } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_apart() {
        let text = format!("3\n{ERR}\nnote: x\n\n{OUT}\n{{\"a\": 1}}\n");
        let ran = Job::read(&Answer { status: 0, text }).unwrap();
        assert_eq!((ran.status, ran.stderr.as_str(), ran.stdout.as_str()), (3, "note: x", "{\"a\": 1}\n"));
        assert!(
            Job::read(&Answer { status: NO_FILES, text: String::new() }).unwrap_err().contains("restarted")
        );
        assert!(Job::read(&Answer { status: 0, text: "x".into() }).unwrap_err().contains("\"x\""));
    }

    #[test]
    fn errors_say_where_they_happened() {
        let ran = |stderr: &str, status| Ran { status, stdout: String::new(), stderr: stderr.into() };
        let error = ran("note: a\nerror: failed to load m", 1).error("pi");
        assert_eq!((error.chain().as_str(), error.status()), ("load m (on pi)", 1));
        let parser = ran("error: invalid value 'ort'\n\nFor more", 2).error("pi");
        assert_eq!(parser.chain(), "run on pi: its program says: invalid value 'ort'");
        assert_eq!(ran("Killed", 137).error("pi").chain(), "run on pi: status 137: Killed");
    }
}
