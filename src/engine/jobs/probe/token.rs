//! Where the web identity token comes from.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::app::task::{RoleBearer, TokenSource};
use crate::domain::fault::{Cause, Fault};
use crate::domain::secret::WebToken;
use crate::domain::subject::{Audience, Subject};
use crate::engine::control::{READ_LIMIT, within};
use crate::ports::World;

pub(super) async fn token(world: &World, bearer: &RoleBearer) -> Result<WebToken, Fault> {
    let intent = &bearer.intent;
    match &bearer.token {
        TokenSource::Pasted(token) => Ok(token.clone()),
        TokenSource::File(path) => {
            let (ledger, path) = (Arc::clone(&world.ledger), path.clone());
            let read = spawn_blocking(move || ledger.read_token(&path)).await;
            read.unwrap_or_else(|_| {
                Err(Fault::new(Cause::File, "reading the token was broken off"))
            })
        }
        TokenSource::Cluster(_) => mint(world, bearer, &intent.subject, &intent.audience).await,
    }
}

/// A token from the cluster.
pub(super) async fn mint(
    world: &World,
    bearer: &RoleBearer,
    subject: &Subject,
    audience: &Audience,
) -> Result<WebToken, Fault> {
    let context = match &bearer.token {
        TokenSource::Cluster(context) => context.as_deref(),
        TokenSource::File(_) | TokenSource::Pasted(_) => None,
    };
    let asked = world.cluster.token(context, subject, audience);
    within(READ_LIMIT, "from the cluster", asked).await
}
