//! Where the web identity token comes from.

use std::path::Path;

use tokio::io::AsyncReadExt;

use crate::app::task::{ProbeOrder, TokenSource};
use crate::domain::fault::{Cause, Fault};
use crate::domain::secret::WebToken;
use crate::engine::control::{READ_LIMIT, within};
use crate::ports::Cluster;

/// STS takes 20,000 characters; a longer file is something else.
const LONGEST: u64 = 64 << 10;

pub(super) async fn token(cluster: &dyn Cluster, order: &ProbeOrder) -> Result<WebToken, Fault> {
    let intent = &order.intent;
    match &order.token {
        TokenSource::Pasted(token) => Ok(token.clone()),
        TokenSource::File(path) => file(path).await,
        TokenSource::Cluster(context) => {
            let asked = cluster.token(context.as_deref(), &intent.subject, &intent.audience);
            within(READ_LIMIT, "from the cluster", asked).await
        }
    }
}

async fn file(path: &Path) -> Result<WebToken, Fault> {
    let shown = path.display().to_string();
    let mut bytes = Vec::new();
    let read = if shown == "-" {
        tokio::io::stdin().take(LONGEST).read_to_end(&mut bytes).await
    } else {
        match tokio::fs::File::open(path).await {
            Ok(file) => file.take(LONGEST).read_to_end(&mut bytes).await,
            Err(error) => Err(error),
        }
    };
    read.map_err(|error| {
        Fault::new(Cause::File, format!("could not read the token from {shown}: {error}"))
            .with("path", shown.as_str())
    })?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Fault::new(Cause::TokenMalformed, format!("{shown} holds no token: it is no text"))
            .with("path", shown.as_str())
    })?;
    Ok(WebToken::new(&text))
}
