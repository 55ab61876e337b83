//! `latency` of one file after the other, each in a process of its own, there or here; what was measured is kept.

use std::process::Command;

use super::{Kept, Place, Session, Words, job::Ran};
use crate::{
    cli::Context,
    commands::latency::result::Latencies,
    error::{Error, Result, status_of},
    subject::ModelFile,
};

/// Measures files. A device is taken when the first one is to be measured, and let go with this.
pub(crate) struct Measurer<'a> {
    place: Option<Place>,
    session: Option<Session>,
    context: &'a Context,
    kept: Kept,
}

impl<'a> Measurer<'a> {
    /// On this device, or here; results are kept there.
    pub(crate) const fn new(place: Option<Place>, context: &'a Context, kept: Kept) -> Self {
        Self { place, session: None, context, kept }
    }

    /// Where it measures.
    pub(crate) fn place(&self) -> String {
        self.place.as_ref().map_or_else(|| super::LOCAL.into(), Place::address)
    }

    /// What was kept of these files, or is measured now. `words` are a command line of `latency` but for the files.
    ///
    /// # Errors
    /// Where they cannot be measured, there or here.
    pub(crate) fn measured(&mut self, files: &[ModelFile], words: &Words) -> Result<Latencies> {
        let place = self.place();
        let line = words.clone().into_vec().join(" ");
        let names: Vec<String> = files.iter().map(ModelFile::name).collect();
        let parts = [place.as_bytes(), line.as_bytes()].into_iter();
        let parts: Vec<&[u8]> = parts.chain(files.iter().map(|file| &file.bytes[..])).collect();
        let label = files.first().and_then(|file| file.path.file_stem()).unwrap_or_default().to_string_lossy();
        let key = Kept::name(&label, &parts);
        let text = match self.kept.get(&key) {
            Some(text) => text,
            None => self.measure(files, words)?,
        };
        let no_result = |problem| Error::Lost { device: place, problem };
        let found = Latencies::parse(&text)
            .map_err(|problem| no_result(format!("its program printed no result: {problem}")))?;
        self.kept.put(&key, &text)?;
        Ok(found.of(&names))
    }

    fn measure(&mut self, files: &[ModelFile], words: &Words) -> Result<String> {
        let ran = if let Some(place) = &self.place {
            let session = match &mut self.session {
                Some(session) => session,
                none => none.insert(Session::open(place.clone(), self.context.talk)?),
            };
            there(session, files, words)?
        } else {
            self.here(files, words)?
        };
        if ran.status != 0 {
            return Err(ran.error(&self.place()));
        }
        ran.notes(self.context.talk, &self.place());
        Ok(ran.stdout)
    }

    fn here(&self, files: &[ModelFile], words: &Words) -> Result<Ran> {
        let failed = |error: std::io::Error| Error::Child {
            problem: format!("measure in a process of its own: {error}"),
            status: 1,
        };
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.args(words.clone().into_vec()).args(files.iter().map(|file| &file.path));
        if let Some(library) = self.context.options(Vec::new(), 1).library {
            command.arg("--ort-dylib").arg(library);
        }
        let output = command.output().map_err(failed)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Ran { status: status_of(output.status), stdout: text(&output.stdout), stderr: text(&output.stderr) })
    }
}

/// Copies the files, measures, and removes them, so that many calls need no more room than one.
fn there(session: &mut Session, files: &[ModelFile], words: &Words) -> Result<Ran> {
    let paths: Vec<String> = files.iter().map(|file| session.push(&file.path)).collect::<Result<_>>()?;
    let words = paths.iter().fold(words.clone(), Words::word);
    let mut ran = session.run(&words.into_vec())?;
    for (path, file) in paths.iter().zip(files) {
        session.remove(path)?;
        ran.stderr = ran.stderr.replace(path, &file.name());
    }
    Ok(ran)
}
