//! x
use okteto_ecr::practice::{account::Account, front::Front, scene::Scene, wire::serve};
use secrecy::ExposeSecret as _;
use std::sync::Arc;
#[tokio::main]
async fn main() {
    let t = std::time::Instant::now();
    let acc = Account::new(&Scene::default());
    let ta = t.elapsed();
    let front = Front::new(acc, Arc::new(okteto_ecr::clock::now));
    let s = serve(front).await.unwrap();
    eprintln!("account {ta:?} started in {:?}", t.elapsed());
    let (id, secret) = s.front.account().credentials("trainee").unwrap();
    println!(
        "export AWS_ENDPOINT_URL={} AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY={} AWS_REGION=us-east-2 REG={} ISS={}",
        s.aws,
        secret.expose_secret(),
        s.registry,
        s.issuer
    );
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
}
