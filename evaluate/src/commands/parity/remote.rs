//! `parity` on a device: of the runtimes there, and with the logits that are known here.

use super::Args;
use crate::{
    cli::Context,
    commands::Verdict,
    device::{Place, Session, Words, relay},
    error::Result,
    predictions,
    subject::ModelFile,
};

/// Copies model, reference and pictures there, and runs.
pub(super) fn run(args: &Args, context: &Context, place: Place) -> Result<Verdict> {
    let file = ModelFile::open(&args.model)?;
    args.reference.as_deref().map(predictions::read).transpose()?;
    let words = |session: &mut Session| {
        let model = session.push(&file.path)?;
        let data = args.data.as_deref().map(|data| session.push_data(data)).transpose()?;
        let reference = args.reference.as_deref().map(|path| session.push(path)).transpose()?;
        let against = args.against.as_deref().map(|path| session.push(path)).transpose()?;
        let words = Words::new(&["parity"])
            .flag("--against", against.as_ref())
            .flag("--data", data.as_ref())
            .flag("--inputs", args.inputs)
            .flag("--reference", reference.as_ref())
            .flag("--tolerance", args.tolerance)
            .list("--runtime", &args.runtime);
        let words = if args.no_bisect { words.word("--no-bisect") } else { words };
        let words = args.input.words(args.shape.words(words)).word(&model);
        let shown = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let here =
            [(data, args.data.clone()), (reference, shown(&args.reference)), (against, shown(&args.against))];
        let pairs = here.into_iter().filter_map(|(there, here)| Some([there?, here?]));
        Ok((words, pairs.chain([[model, file.name()]]).collect()))
    };
    relay(place, context, words, |_| Ok(()))
}
