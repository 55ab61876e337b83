//! Which spaces a method is for.

use crate::error::Error;

/// The spaces of DARTS's cell: two inputs, four nodes, normal and reduction.
const DARTS_FAMILY: &[&str] = &["darts", "s1", "s2", "s3", "s4"];

/// Whether a space's cells are those of DARTS.
pub(super) fn is_darts(space: &str) -> bool {
    DARTS_FAMILY.contains(&space)
}

/// Refuses other spaces than these.
///
/// # Errors
/// When the space is another; says what the method needs, and which spaces have it.
pub(super) fn only_darts(method: &'static str, space: &str, needs: &'static str) -> Result<(), Error> {
    if is_darts(space) {
        return Ok(());
    }
    let problem = format!("it needs {needs}; such spaces are {}", DARTS_FAMILY.join(", "));
    Err(Error::Unfit { method, space: space.into(), problem })
}
