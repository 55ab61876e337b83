//! Reading files, with errors that say which.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use super::Error;

/// First two bytes of a gzip file (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// # Errors
/// When `folder` is not a folder.
pub(super) fn folder(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() { Ok(()) } else { Err(Error::MissingFolder { folder: folder.into() }) }
}

/// The first of the files `wanted` that is in `folder`.
pub(super) fn find(folder: &Path, wanted: &[&str]) -> Result<PathBuf, Error> {
    self::folder(folder)?;
    let found = wanted.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| missing(folder, wanted))
}

pub(super) fn missing(folder: &Path, wanted: &[&str]) -> Error {
    let wanted = wanted.iter().map(ToString::to_string).collect();
    Error::MissingFile { folder: folder.into(), wanted }
}

/// All of a file; gzip, told by its first bytes, is unpacked.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let packed = fs::read(path).map_err(|source| Error::Io { path: path.into(), source })?;
    if !packed.starts_with(&GZIP) {
        return Ok(packed);
    }
    unpack(path, 0, MultiGzDecoder::new(&packed[..]))
}

/// Unpacks the zlib stream that begins at byte `offset` of `path`.
pub(super) fn inflate(path: &Path, offset: usize, packed: &[u8]) -> Result<Vec<u8>, Error> {
    unpack(path, offset, ZlibDecoder::new(packed))
}

fn unpack(path: &Path, offset: usize, mut from: impl Read) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    from.read_to_end(&mut out).map_err(|source| Error::Unpack { path: path.into(), offset, source })?;
    Ok(out)
}

/// The lines of a text file, `expected` of them; blank lines at the end do not count.
pub(super) fn names(path: &Path, expected: usize) -> Result<Vec<String>, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::Io { path: path.into(), source })?;
    let names: Vec<String> = text.trim_end().lines().map(|line| line.trim().into()).collect();
    if names.len() == expected && names.iter().all(|name| !name.is_empty()) {
        Ok(names)
    } else {
        Err(Error::ClassNames { path: path.into(), expected, found: names.len() })
    }
}

/// Names in a folder with their kind (`true`: folder), sorted by bytes; hidden ones are left out.
pub(super) fn entries(folder: &Path) -> Result<Vec<(PathBuf, bool)>, Error> {
    let failed = |source| Error::Io { path: folder.into(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden {
            let is_folder = path.is_dir();
            found.push((path, is_folder));
        }
    }
    found.sort();
    Ok(found)
}
