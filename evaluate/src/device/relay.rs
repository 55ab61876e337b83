//! A whole command on a device: its files go there, its output comes back.

use std::io::Write as _;

use super::{Place, Session, Words};
use crate::{
    cli::Context,
    commands::Verdict,
    error::{Error, Result},
};

/// Runs a command on a device and prints what it printed, with the names that its files have here. `words` copies files and gives
/// the command line; `after` fetches what the program has written.
pub(crate) fn relay(
    place: Place,
    context: &Context,
    words: impl FnOnce(&mut Session) -> Result<(Words, Vec<[String; 2]>)>,
    after: impl FnOnce(&Session) -> Result<()>,
) -> Result<Verdict> {
    let mut session = Session::open(place, context.talk)?;
    let (words, names) = words(&mut session)?;
    let words = words.flag("--format", Some(context.format_name())).into_vec();
    let mut ran = session.run(&words)?;
    for [there, here] in &names {
        ran.stdout = ran.stdout.replace(there, here);
        ran.stderr = ran.stderr.replace(there, here);
    }
    let verdict = match ran.status {
        0 => Verdict::Done,
        3 => Verdict::Violated,
        _ => return Err(ran.error(&session.name())),
    };
    ran.notes(context.talk, &session.name());
    after(&session)?;
    let written = std::io::stdout().write_all(ran.stdout.as_bytes());
    written.map_err(|error| Error::Write { path: "stdout".into(), source: error.into() })?;
    Ok(verdict)
}
