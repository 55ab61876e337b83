//! What shows a collapse: the curvature of the validation loss over the architecture parameters.

pub mod early_stop;
pub mod eigen;
pub mod hessian;
pub mod smooth;
