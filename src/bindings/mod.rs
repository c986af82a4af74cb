//! Edges: they convert and delegate, nothing else.

pub mod js;
