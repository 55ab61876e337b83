//! Versions of result files.

/// Whether a file of this version can be read by a program that knows that one; if not, why.
pub(crate) fn check(found: u64, known: u32) -> Result<(), String> {
    if found == u64::from(known) {
        return Ok(());
    }
    Err(format!("it has schema {found}, this program knows {known}"))
}
