//! tests

mod export;
