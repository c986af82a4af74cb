//! Edges: they convert and delegate, nothing else.

#[cfg(feature = "component")]
pub mod component;
#[cfg(feature = "files")]
pub mod files;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "js")]
pub mod js;
#[cfg(all(target_arch = "wasm32", not(feature = "std")))]
mod runtime;
