//! Graph passes: rewrites of a [`Network`](models::network::Network). Some make it faster and change no result; others are
//! what a search method does to a supernet.

mod auxiliary;
mod edit;
mod partial;
mod share;

pub use auxiliary::{AUXILIARY_SKIP, with_auxiliary_skips};
pub use partial::with_partial_channels;
pub use share::share;
