//! The smallest searches and trainings that do everything.

use tempfile::TempDir;

use crate::support::run;

/// Four steps per epoch, two epochs, on one thread.
pub(crate) const TINY: &str = "--threads 1 --set data.train_images=64 \
    --set data.test_images=50 --set data.size=12x12 --set search.channels=2 --set search.batch=8 --set search.epochs=2 \
    --set retrain.channels=2 --set retrain.batch=16 --set retrain.epochs=2";

/// A new folder in which this command ended well, with the settings [`TINY`].
pub(crate) fn folder_of(line: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &format!("{line} {TINY}")).data();
    folder
}
