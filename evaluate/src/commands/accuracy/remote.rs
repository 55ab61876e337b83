//! `accuracy` on a device.

use std::path::Path;

use super::{Args, writable};
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
    args.files().try_for_each(writable)?;
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
        args.written().into_iter().try_for_each(|(_, name, path)| session.pull(&session.new_file(name), path))
    })
}

impl Args {
    /// The files that are asked for: flag, name on the device, place here.
    fn written(&self) -> Vec<(&'static str, &'static str, &Path)> {
        let all = [
            ("--predictions", "predictions.safetensors", &self.predictions),
            ("--confusion", "confusion.svg", &self.confusion),
            ("--mistakes", "mistakes.svg", &self.mistakes),
        ];
        all.into_iter().filter_map(|(flag, name, path)| Some((flag, name, path.as_deref()?))).collect()
    }
}
