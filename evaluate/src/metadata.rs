//! Keys of the metadata that `noisydarts-export` writes into its files.

/// JSON of the multiply-adds in every convention, for one image, before batch normalisation was folded.
pub(crate) const CONVENTIONS: &str = "noisydarts.macs_by_convention";
/// Number of trained parameters, before batch normalisation was folded.
pub(crate) const TRAINED: &str = "noisydarts.parameters";
/// JSON list of the names of the classes.
pub(crate) const CLASSES: &str = "noisydarts.classes";
/// How many outputs come before the first class. Only files from elsewhere have any: networks that know a "background".
pub(crate) const CLASS_OFFSET: &str = "noisydarts.class_offset";
