//! okteto-ecr
pub mod app;
pub mod cluster;
pub mod discovery;
pub mod domain;
pub mod ports;
pub mod registry;
pub mod web;
