//! The defining property of each search method.
