//! `accuracy` on a device.

use super::Args;
use crate::{
    cli::Context,
    commands::Verdict,
    device::{Place, Session, Words, relay},
    error::Result,
    subject::ModelFile,
};

/// Copies models and pictures there, runs, and fetches the files that it has written.
pub(super) fn run(args: &Args, context: &Context, place: Place) -> Result<Verdict> {
    let file = ModelFile::open(&args.model)?;
    args.data.source()?;
    args.check_written()?;
    let runtime = args.runtime.there(&place);
    let words = |session: &mut Session| {
        let model = session.push(&file.path)?;
        let mut pairs = vec![[model.clone(), file.name()]];
        let mut words = Words::new(&["accuracy"]).flag("--runtime", Some(&runtime));
        if let Some(against) = &args.against {
            let there = session.push(against)?;
            words = words.flag("--against", Some(&there));
            pairs.push([there, against.display().to_string()]);
        }
        words = args.data.words(words, session, &mut pairs)?;
        for (flag, name, _) in args.written() {
            words = words.flag(flag, Some(session.new_file(name)));
        }
        Ok((args.run.words(words).word(&model), pairs))
    };
    relay(place, context, words, |session| {
        args.written().try_for_each(|(_, name, path)| session.pull(&session.new_file(name), path))
    })
}
