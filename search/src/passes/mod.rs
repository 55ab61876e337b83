//! Graph passes: rewrites of a [`Network`](models::network::Network) that make it faster and change no result.

mod share;

pub use share::share;
