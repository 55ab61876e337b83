//! Scripts for the device's shell, and their answers.

use std::process::Output;

/// Comes before the script's status, on the last line of its output. Not every version of adb passes a status on, and one that is
/// missing tells that the connection dropped.
const STATUS: &str = "noisydarts-status";

/// What a script answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its exit status.
    pub(crate) status: u8,
    /// What it wrote to stdout.
    pub(crate) text: String,
}

/// The connection failed, and why as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost(pub(crate) String);

impl Lost {
    /// What a program said that should have kept the connection.
    pub(super) fn said(output: &Output) -> Self {
        let said =
            [&output.stderr, &output.stdout].map(|bytes| String::from_utf8_lossy(bytes).trim().to_string());
        let line = said.iter().flat_map(|text| text.lines().rev()).map(str::trim).find(|line| !line.is_empty());
        Self(line.map_or_else(|| format!("the connection ended ({})", output.status), String::from))
    }
}

/// The script, with its status at the end of its output.
pub(super) fn with_status(script: &str) -> String {
    format!("(\n{script}\n)\nresult=$?\necho\necho {STATUS} $result\n")
}

/// The answer in a program's output.
pub(super) fn answer(output: &Output) -> Result<Answer, Lost> {
    let text = String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n");
    let end = text.trim_end().rsplit_once('\n').or(Some(("", text.trim_end())));
    let status = end.and_then(|(text, last)| Some((text, last.strip_prefix(STATUS)?.trim().parse().ok()?)));
    let (text, status) = status.ok_or_else(|| Lost::said(output))?;
    Ok(Answer { status, text: text.into() })
}

/// A word that the shell takes as it is.
pub(crate) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn run(script: &str) -> Result<Answer, Lost> {
        answer(&Command::new("sh").args(["-c", &with_status(script)]).output().unwrap())
    }

    #[test]
    fn status_and_text() {
        let answer = |status, text: &str| Ok(Answer { status, text: text.into() });
        assert_eq!(run("echo a; echo b"), answer(0, "a\nb\n"));
        assert_eq!(run("printf a; exit 3"), answer(3, "a"));
        assert_eq!(run(":"), answer(0, ""));
    }

    #[test]
    fn an_answer_cut_short_is_none() {
        assert!(run("kill -9 $$").is_err());
        let output =
            Command::new("sh").args(["-c", "echo half; echo broken pipe >&2; exit 255"]).output().unwrap();
        assert_eq!(answer(&output), Err(Lost("broken pipe".into())));
    }

    #[test]
    fn words_stay_as_they_are() {
        let word = "it's $HOME; `x` \"y\" \\";
        assert_eq!(run(&format!("printf %s {}", quoted(word))).unwrap().text, word);
    }
}
