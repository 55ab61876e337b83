//! End-to-end tests of the three programs; see `main.rs`.
