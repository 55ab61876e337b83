//! Checksums within files: a damaged byte anywhere in a safetensors file is found when it is read.
//!
//! The metadata entry `sha256` holds the SHA-256 of the whole file with that entry's own digits set to zeros.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use crate::files::hex;

/// Key of the metadata entry.
pub const KEY: &str = "sha256";

/// Its value before the file is sealed.
pub const OPEN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The entry as it stands in the header, up to its digits.
const START: &[u8] = b"\"sha256\":\"";

/// What a file's seal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// There is none: the file comes from elsewhere.
    Absent,
    /// The file is as it was written.
    Whole,
    /// It was changed or damaged.
    Broken,
}

/// Writes the checksum over the digits of the entry [`KEY`], where there is one.
pub fn seal(bytes: &mut [u8]) {
    if let Some(digits) = digits(bytes) {
        bytes[digits.clone()].copy_from_slice(OPEN.as_bytes());
        let sum = hex(&Sha256::digest(&*bytes));
        bytes[digits].copy_from_slice(sum.as_bytes());
    }
}

/// Compares a file with its seal.
#[must_use]
pub fn check(bytes: &[u8]) -> Seal {
    let Some(digits) = digits(bytes) else { return Seal::Absent };
    let mut hash = Sha256::new();
    hash.update(&bytes[..digits.start]);
    hash.update(OPEN);
    hash.update(&bytes[digits.end..]);
    if hex(&hash.finalize()).as_bytes() == &bytes[digits] { Seal::Whole } else { Seal::Broken }
}

/// Where the digits of the entry stand, in the header that follows the eight bytes of its length.
fn digits(bytes: &[u8]) -> Option<Range<usize>> {
    let length = u64::from_le_bytes(*bytes.first_chunk()?) as usize;
    let header = bytes.get(8..8_usize.checked_add(length)?)?;
    let start = 8 + header.windows(START.len()).position(|window| window == START)? + START.len();
    let digits = start..start + OPEN.len();
    (digits.end <= 8 + length).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), b"data"].concat()
    }

    #[test]
    fn every_changed_byte_but_those_that_hide_the_seal_is_found() {
        let mut sealed = file(&format!("{{\"__metadata__\":{{\"sha256\":\"{OPEN}\"}}}}"));
        seal(&mut sealed);
        assert_eq!(check(&sealed), Seal::Whole);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_ne!(check(&changed), Seal::Whole, "byte {at}");
        }
    }

    #[test]
    fn files_without_an_entry_and_cut_files_have_no_seal() {
        let mut plain = file("{}");
        seal(&mut plain);
        assert_eq!(plain, file("{}"));
        for bytes in [&plain[..], &plain[..5], &file("{\"sha256\":\"00")] {
            assert_eq!(check(bytes), Seal::Absent);
        }
    }
}
