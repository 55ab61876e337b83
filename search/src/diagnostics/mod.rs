//! What shows a collapse: the validation loss over the architecture parameters.

pub mod early_stop;
pub mod eigen;
pub mod hessian;
pub mod landscape;
pub mod smooth;
