//! Placeholder entry of the task runner.
fn main() {}
