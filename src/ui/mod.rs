//! Draws the state with ratatui and changes nothing.

pub mod fields;
pub mod frame;
pub mod over;
pub mod screens;
pub mod search;
pub mod text;
pub mod theme;
pub mod view;
