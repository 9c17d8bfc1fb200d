//! okteto-ecr
pub mod app;
pub mod aws;
pub mod domain;
pub mod ports;
