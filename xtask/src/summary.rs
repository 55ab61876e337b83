//! One total over the summaries that the test binaries print.

use std::fmt;

/// Tests counted so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    passed: usize,
    failed: usize,
    skipped: usize,
    /// Test binaries that have reported.
    binaries: usize,
}

impl Summary {
    /// Adds a line of a test binary's output: the one that starts with `test result:` counts, others do nothing.
    pub(crate) fn read(&mut self, line: &str) {
        let Some(result) = line.trim().strip_prefix("test result: ") else {
            return;
        };
        let Some((_, counts)) = result.split_once(". ") else {
            return;
        };
        self.binaries += 1;
        for count in counts.split("; ") {
            self.add(count);
        }
    }

    fn add(&mut self, count: &str) {
        let Some((number, word)) = count.split_once(' ') else {
            return;
        };
        let Ok(number) = number.parse::<usize>() else {
            return;
        };
        match word {
            "passed" => self.passed += number,
            "failed" => self.failed += number,
            "ignored" => self.skipped += number,
            _ => {}
        }
    }

    /// Whether any test binary has reported; without one there is no total to give.
    pub(crate) fn any(&self) -> bool {
        self.binaries > 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(out, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(lines: &[&str]) -> Summary {
        let mut summary = Summary::default();
        for line in lines {
            summary.read(line);
        }
        summary
    }

    #[test]
    fn adds_up_every_binary() {
        let summary = total(&[
            "running 3 tests",
            "test a::b ... ok",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
            "test result: FAILED. 4 passed; 2 failed; 1 ignored; 0 measured; 5 filtered out; finished in 1.20s",
        ]);
        assert_eq!(summary.to_string(), "7 passed, 2 failed, 1 skipped");
        assert!(summary.any());
    }

    #[test]
    fn without_skipped_tests_they_are_not_named() {
        let summary = total(&[
            "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ]);
        assert_eq!(summary.to_string(), "1 passed, 0 failed");
    }

    #[test]
    fn a_tests_own_talk_does_not_count() {
        assert!(!total(&["error: 5 passed; 1 failed", "test result: nonsense", ""]).any());
    }
}
