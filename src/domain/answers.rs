//! The answers file: a saved format of its own (TOML, versioned), not the program's types.
