//! Files in memory without reading them.

use std::fs::File;
use std::io;
use std::path::Path;

use memmap2::Mmap;

/// Maps a whole file, to be read only.
#[expect(
    unsafe_code,
    reason = "mapping is unsafe in every library: nobody can promise that the file stays as it is"
)]
pub(super) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    // SAFETY: the mapping is only ever read, as bytes, which any content is. Someone who cuts or overwrites the file
    // meanwhile can make a read fail or differ; this program never does: it replaces tables by renaming, which leaves the
    // mapped file as it was.
    unsafe { Mmap::map(&file) }
}
