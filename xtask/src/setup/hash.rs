//! SHA-256 of files.

use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Bytes read at a time.
const BLOCK: usize = 1 << 20;

/// SHA-256 of a file, as lower-case hexadecimal.
///
/// # Errors
/// Where the file cannot be read.
pub(super) fn sha256(path: &Path) -> Result<String> {
    let reading = || format!("failed to read {}", path.display());
    let mut file = File::open(path).with_context(reading)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        let read = file.read(&mut block).with_context(reading)?;
        if read == 0 {
            return Ok(hexadecimal(&hasher.finalize()));
        }
        hasher.update(&block[..read]);
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests() {
        let file = tempfile::NamedTempFile::new().unwrap();
        // FIPS 180-4's examples: the empty message, and "abc".
        assert_eq!(
            sha256(file.path()).unwrap(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        std::fs::write(file.path(), "abc").unwrap();
        assert_eq!(
            sha256(file.path()).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
