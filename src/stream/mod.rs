//! The stream data type.
