//! The defining property of each search method.

mod cost;
mod darts;
mod darts_minus;
mod darts_plus;
mod double;
mod drop_path;
mod fair_darts;
mod gdas;
mod going_back;
mod hessian;
mod p_darts;
mod paths;
mod pc_darts;
mod proxyless;
mod robust;
mod sdarts;
mod smooth;
mod snas;
