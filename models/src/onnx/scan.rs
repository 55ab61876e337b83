//! A walk over the outermost protobuf fields, to tell "no ONNX file" from "truncated" before decoding.
//! A decoder would call both a damaged field.

use super::error::{Error, Result};

/// Fields of `ModelProto`: number, name, and whether it is length-delimited (otherwise a varint).
const FIELDS: &[(u64, &str, bool)] = &[
    (1, "ir_version", false),
    (2, "producer_name", true),
    (3, "producer_version", true),
    (4, "domain", true),
    (5, "model_version", false),
    (6, "doc_string", true),
    (7, "graph", true),
    (8, "opset_import", true),
    (14, "metadata_props", true),
    (20, "training_info", true),
    (25, "functions", true),
    (26, "configuration", true),
];

/// Checks that the bytes are a sequence of `ModelProto`'s fields, each complete.
pub(super) fn outline(bytes: &[u8]) -> Result<()> {
    if bytes.is_empty() {
        return Err(Error::Empty);
    }
    let mut cursor = Cursor { bytes, offset: 0 };
    while cursor.offset < bytes.len() {
        cursor.field()?;
    }
    Ok(())
}

struct Cursor<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl Cursor<'_> {
    fn field(&mut self) -> Result<()> {
        let start = self.offset;
        let key = self.varint("field key")?;
        let (number, wire) = (key >> 3, key & 7);
        let known =
            FIELDS.iter().find(|(n, _, delimited)| *n == number && wire == if *delimited { 2 } else { 0 });
        let Some(&(_, name, delimited)) = known else {
            return Err(Error::NotOnnx { offset: start, found: describe(&self.bytes[start..]) });
        };
        let value = self.varint(name)?;
        if delimited { self.skip(name, value) } else { Ok(()) }
    }

    fn skip(&mut self, field: &'static str, length: u64) -> Result<()> {
        let found = (self.bytes.len() - self.offset) as u64;
        if length > found {
            return Err(Error::Truncated { offset: self.offset, field, expected: length, found });
        }
        self.offset += length as usize;
        Ok(())
    }

    fn varint(&mut self, field: &'static str) -> Result<u64> {
        let start = self.offset;
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let Some(&byte) = self.bytes.get(self.offset) else {
                return Err(Error::Truncated {
                    offset: start,
                    field,
                    expected: shift / 7 + 1,
                    found: shift / 7,
                });
            };
            self.offset += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Error::NotOnnx { offset: start, found: describe(&self.bytes[start..]) })
    }
}

/// The next few bytes, as text where they are text.
fn describe(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(12)];
    match std::str::from_utf8(head) {
        Ok(text) if !text.contains(|c: char| c.is_control() && !c.is_whitespace()) => format!("{text:?}"),
        _ => format!("{head:02x?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_text_truncation_and_models_apart() {
        let text = outline(b"hello, this is a text file").expect_err("bad").to_string();
        assert_eq!(text, "it is not an ONNX file (byte 0: \"hello, this \")");
        let short = outline(&[0x08, 0x08, 0x3a, 0x64, 0x0a]).expect_err("bad").to_string();
        assert_eq!(short, "the file is truncated: at byte 4 `graph` announces 100 bytes and 1 are there");
        assert!(outline(&[0x08, 0x08, 0x3a, 0x01, 0x0a]).is_ok());
        assert!(matches!(outline(&[]), Err(Error::Empty)));
        assert!(matches!(outline(&[0xff; 20]), Err(Error::NotOnnx { offset: 0, .. })));
    }
}
