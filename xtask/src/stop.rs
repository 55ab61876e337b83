//! How a task ends early: with one line, and with an exit status that says whose turn it is.

use std::{io, path::Path, process::ExitCode};

use anyhow::Error;
use thiserror::Error as ThisError;

/// An end that the user or a child process caused, as against a fault of ours.
#[derive(Debug, ThisError)]
pub(crate) enum Stop {
    /// Something is missing or wrong on the user's side; the text says what to do. Exit status 2.
    #[error("{0}")]
    User(String),
    /// A command that we ran failed and has said why; its status is passed on.
    #[error("`{command}` failed")]
    Child {
        /// What was run, as a person would type it.
        command: String,
        /// Its exit status; 1 where a signal ended it.
        status: u8,
    },
}

impl Stop {
    /// A [`Stop::User`] as the error type of every task.
    pub(crate) fn user(text: impl Into<String>) -> Error {
        Self::User(text.into()).into()
    }
}

/// Names the file in an I/O error, and the way out where it is the user's turn.
pub(crate) fn writing(path: &Path, error: io::Error) -> Error {
    let way_out = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => "make it writable",
        _ => return Error::new(error).context(format!("failed to write {}", path.display())),
    };
    Stop::user(format!(
        "failed to write {}: {error}; {way_out}, or set NOISYDARTS_CACHE to another folder, and run the same command again",
        path.display()
    ))
}

/// Prints the error on one line and gives the exit status that fits it.
pub(crate) fn report(error: &Error) -> ExitCode {
    eprintln!("xtask: {error:#}");
    match error.downcast_ref::<Stop>() {
        Some(Stop::User(_)) => ExitCode::from(2),
        Some(Stop::Child { status, .. }) => ExitCode::from(*status),
        None => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_or_locked_disk_is_the_users_turn() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::PermissionDenied] {
            let error = writing(Path::new("/x/y.whl"), kind.into());
            assert!(matches!(error.downcast_ref(), Some(Stop::User(_))));
            assert!(error.to_string().contains("/x/y.whl"));
        }
    }

    #[test]
    fn other_write_errors_name_the_file() {
        let error = writing(Path::new("/x/y.whl"), io::ErrorKind::NotFound.into());
        assert!(error.downcast_ref::<Stop>().is_none());
        assert!(format!("{error:#}").contains("/x/y.whl"));
    }
}
