//! The elements of a MAT-file, one after the other.

use std::path::Path;

use super::COMPRESSED;
use crate::data::Error;

/// Walks over a sequence of elements.
pub(super) struct Elements<'a> {
    pub(super) path: &'a Path,
    /// Where `rest` begins in the file.
    pub(super) offset: usize,
    /// Whether `offset` is instead that of the whole variable, which may be compressed.
    pub(super) fixed: bool,
    pub(super) rest: &'a [u8],
}

impl<'a> Elements<'a> {
    /// The next element, which must be of one of these types.
    pub(super) fn of(&mut self, kinds: &[u32], expected: &str) -> Result<&'a [u8], Error> {
        let offset = self.offset;
        let (kind, body) = self.next()?;
        if kinds.contains(&kind) {
            return Ok(body);
        }
        self.malformed(offset, expected.into(), format!("an element of type {kind} and {} bytes", body.len()))
    }

    /// Type and body of the next element.
    pub(super) fn next(&mut self) -> Result<(u32, &'a [u8]), Error> {
        let rest = self.rest;
        let Some(([kind, size], _)) = rest.as_chunks().0.split_first_chunk() else {
            return self.malformed(
                self.offset,
                "an element's tag of 8 bytes".into(),
                format!("{} bytes", rest.len()),
            );
        };
        let (kind, size) = (u32::from_le_bytes(*kind), u32::from_le_bytes(*size) as usize);
        // Up to four bytes are stored in the tag's place, their number beside the type.
        let (kind, start, size) =
            if kind >> 16 == 0 { (kind, 8, size) } else { (kind & 0xffff, 4, (kind >> 16) as usize) };
        let Some(body) = rest.get(start..start + size) else {
            let found = format!("{} bytes", rest.len() - start);
            return self.malformed(self.offset, format!("an element of {size} bytes (type {kind})"), found);
        };
        let end = if kind == COMPRESSED { start + size } else { (start + size).next_multiple_of(8) };
        self.rest = rest.get(end..).unwrap_or_default();
        self.offset += if self.fixed { 0 } else { end };
        Ok((kind, body))
    }

    fn malformed<T>(&self, offset: usize, expected: String, found: String) -> Result<T, Error> {
        Err(Error::Malformed { path: self.path.into(), offset, expected, found })
    }
}
