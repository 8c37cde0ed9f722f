//! The crate as its users see it.

mod decode;
mod embedded;
mod genesis;
mod kit;
mod store;
