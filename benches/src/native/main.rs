//! A plain native program.
fn main() {}
