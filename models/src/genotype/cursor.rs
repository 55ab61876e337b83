//! A place in a text, and what was expected there.

use crate::error::Error;

/// A position in a text that is being parsed.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Byte offset of the next token.
    pub(super) fn offset(&mut self) -> usize {
        self.skip_space();
        self.at
    }

    /// Takes this token when it comes next.
    pub(super) fn accept(&mut self, token: &str) -> bool {
        self.skip_space();
        let there = self.rest().starts_with(token);
        self.at += if there { token.len() } else { 0 };
        there
    }

    /// Takes this token.
    pub(super) fn expect(&mut self, token: &str) -> Result<(), Error> {
        if self.accept(token) { Ok(()) } else { Err(self.error(&format!("{token:?}"))) }
    }

    /// Takes characters while they satisfy the predicate; at least one.
    pub(super) fn take(&mut self, what: &str, accepted: impl Fn(char) -> bool) -> Result<&'a str, Error> {
        self.skip_space();
        let rest = self.rest();
        let end = rest.find(|c| !accepted(c)).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.error(what));
        }
        self.at += end;
        Ok(&rest[..end])
    }

    /// Takes a whole number.
    pub(super) fn number(&mut self) -> Result<usize, Error> {
        let start = self.offset();
        let digits = self.take("a number", |c| c.is_ascii_digit())?;
        digits.parse().map_err(|_| error_at(self.text, start, "a small number"))
    }

    /// Whether only white space is left.
    pub(super) fn is_done(&mut self) -> bool {
        self.skip_space();
        self.rest().is_empty()
    }

    /// The error that something else was expected here.
    pub(super) fn error(&mut self, expected: &str) -> Error {
        let offset = self.offset();
        error_at(self.text, offset, expected)
    }

    pub(super) const fn text(&self) -> &'a str {
        self.text
    }
}

/// The error that something else was expected at this byte of the text.
pub(crate) fn error_at(text: &str, offset: usize, expected: &str) -> Error {
    let (before, rest) = text.split_at(offset);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let mut found: String = rest.chars().take_while(|&c| c != '\n').take(20).collect();
    if found.is_empty() {
        found = if rest.is_empty() { "the end".into() } else { "the end of the line".into() };
    } else {
        found = format!("{found:?}");
    }
    Error::Parse { line, column, expected: expected.into(), found }
}
