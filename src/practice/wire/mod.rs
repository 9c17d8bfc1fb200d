//! The practice account on loopback, in the wire protocols of AWS.
//!
//! `api` speaks Query and XML for IAM and STS, JSON for ECR; `registry` is the registry and the host of its layers;
//! `issuer` is the clusters' side. `http` is what they share.

mod api;
mod http;
mod issuer;
mod query;
mod registry;
mod sigv4;
mod xml;

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::front::Front;

/// The servers of a practice account. They end when this is dropped, open connections included.
pub struct Served {
    /// IAM, STS and ECR: `http://127.0.0.1:PORT`.
    pub aws: String,
    /// The registry, `http://127.0.0.1:PORT`: what `--registry-endpoint` is given.
    pub registry: String,
    /// The issuers' documents, `http://127.0.0.1:PORT`: what `--issuer-endpoint` is given. It also mints tokens, on
    /// `POST /practice/token`.
    pub issuer: String,
    /// The account behind them.
    pub front: Front,
    /// One task a listener; each holds the tasks of its connections.
    _servers: JoinSet<()>,
}

/// Binds loopback and serves, on the runtime that this is called from.
///
/// # Errors
/// No port could be bound.
pub async fn serve(front: Front) -> io::Result<Served> {
    let mut servers = JoinSet::new();
    let mut open = async |listener: TcpListener, site: Site| -> io::Result<String> {
        let port = listener.local_addr()?.port();
        servers.spawn(http::listen(listener, front.clone(), site));
        Ok(format!("http://127.0.0.1:{port}"))
    };
    let aws = open(loopback().await?, Site::Api).await?;
    let issuer = open(loopback().await?, Site::Issuer).await?;
    let (layers, second) = localhost().await?;
    // Go's client drops `Authorization` only where a redirect leads to another host name, ports aside: so the registry
    // is an address and the layer host a name.
    let host = format!("localhost:{}", layers.local_addr()?.port());
    let registry = open(loopback().await?, Site::Registry { layers: host }).await?;
    for listener in std::iter::once(layers).chain(second) {
        open(listener, Site::Layers).await?;
    }
    Ok(Served { aws, registry, issuer, front: front.clone(), _servers: servers })
}

/// What a listener is.
#[derive(Debug, Clone)]
enum Site {
    Api,
    Registry {
        /// Host and port of the layers.
        layers: String,
    },
    Layers,
    Issuer,
}

async fn loopback() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}

/// A port of both loopback addresses, since `localhost` may be either, or of the first where there is no IPv6.
async fn localhost() -> io::Result<(TcpListener, Option<TcpListener>)> {
    const ATTEMPTS: usize = 16;
    for _ in 0..ATTEMPTS {
        let first = loopback().await?;
        let port = first.local_addr()?.port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Ok(second) => return Ok((first, Some(second))),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(_) => return Ok((first, None)),
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, "no port is free on both loopback addresses"))
}

#[cfg(test)]
mod tests;
