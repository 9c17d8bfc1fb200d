//! okteto-ecr
pub mod app;
pub mod domain;
pub mod ports;
pub mod render;
pub mod ui;
