//! okteto-ecr: see the library.

fn main() {}
