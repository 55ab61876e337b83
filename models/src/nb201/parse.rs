//! The text forms of an architecture: the benchmark's string, and six digits.

use super::{Architecture, EDGES, OPS};
use crate::error::Error;
use crate::genotype::error_at;

impl Architecture {
    /// Reads `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`, or the [code](Self::code): six digits, one per edge.
    ///
    /// # Errors
    /// When the text is neither, with line and column; an unknown operation with the nearest one.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let start = text.len() - text.trim_start().len();
        let mut reader = Reader { text, at: start };
        let coded = reader.rest().starts_with(|c: char| c.is_ascii_digit());
        let architecture = if coded { reader.code()? } else { reader.string()? };
        if reader.rest().trim().is_empty() {
            Ok(architecture)
        } else {
            Err(reader.error("nothing after the architecture"))
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn error(&self, expected: &str) -> Error {
        error_at(self.text, self.at, expected)
    }

    fn code(&mut self) -> Result<Architecture, Error> {
        let mut ops = [0; EDGES.len()];
        for op in &mut ops {
            let digit = self.rest().bytes().next().map(|byte| byte.wrapping_sub(b'0'));
            *op = digit
                .filter(|&digit| usize::from(digit) < OPS.len())
                .ok_or_else(|| self.error("six digits from 0 to 4"))?;
            self.at += 1;
        }
        Ok(Architecture { ops })
    }

    fn string(&mut self) -> Result<Architecture, Error> {
        let mut ops = [0; EDGES.len()];
        for (op, (node, from)) in ops.iter_mut().zip(EDGES) {
            if from == 0 {
                self.expect(if node == 1 { "|" } else { "+|" })?;
            }
            *op = self.op()?;
            self.expect(&format!("~{from}|"))?;
        }
        Ok(Architecture { ops })
    }

    fn expect(&mut self, token: &str) -> Result<(), Error> {
        if !self.rest().starts_with(token) {
            return Err(self.error(&format!("{token:?}")));
        }
        self.at += token.len();
        Ok(())
    }

    fn op(&mut self) -> Result<u8, Error> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = &rest[..end];
        let op = OPS.iter().position(|&op| op == name).ok_or_else(|| {
            let problem = Error::unknown("operation", name, &OPS);
            self.error(&format!("a valid operation ({problem})"))
        })?;
        self.at += end;
        Ok(op as u8)
    }
}
