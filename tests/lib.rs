//! End-to-end tests of the three programs; see `main.rs`.
#![forbid(unsafe_code)]
