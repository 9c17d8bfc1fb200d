//! One picture for each step and state, as text; a few with their styles and in ASCII.

mod access;
mod apply;
mod support;
mod svg;
