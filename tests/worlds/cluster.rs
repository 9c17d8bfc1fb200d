//! The cluster, by a kubectl that is a script: the token, and what it says to the manifest.

use okteto_ecr::domain::fault::Cause;

use crate::stage::Stage;
use crate::support::Answers;
use crate::table::Asked::{Manifest, Pull};
use crate::table::{Way, World, worlds};

const SCREEN: &str = "only the wizard's last step asks the cluster about the manifest";

/// kubectl complains.
fn complains(stage: &mut Stage, said: &str) {
    stage.token_of_cluster();
    stage.kubectl(&format!("cat >/dev/null; echo '{said}' >&2; exit 1"));
}

fn takes(stage: &mut Stage) {
    stage.kubectl("cat >/dev/null; echo registry.admin.okteto.com/x created");
}

worlds! {
    no_kubectl: World::of(Cause::ClusterUnreachable, Pull, "token")
        .arrange(|stage| {
            stage.token_of_cluster();
            stage.no_kubectl();
        })
        .mend("install kubectl", Stage::kubectl_gives_a_token)
        .in_real_time();

    no_way_to_the_cluster: World::of(Cause::ClusterUnreachable, Pull, "token")
        .arrange(|stage| {
            complains(stage, "The connection to the server 10.0.0.1:6443 was refused");
        })
        .shows(&[("kubectl_said", "was refused")])
        .mend("check that kubectl works", Stage::kubectl_gives_a_token)
        .in_real_time();

    a_user_who_may_not_make_tokens: World::of(Cause::ClusterPermissionMissing, Pull, "token")
        .arrange(|stage| {
            complains(
                stage,
                "Error from server (Forbidden): serviceaccounts \"okteto\" is forbidden: User \"dev\" cannot create resource",
            );
        })
        .shows(&[("kubectl_said", "cannot create"), ("subject", Answers::SUBJECT)])
        .mend("ask for the right", Stage::kubectl_gives_a_token)
        .in_real_time();

    a_service_account_that_is_not_there: World::of(Cause::ServiceAccountMissing, Pull, "token")
        .arrange(|stage| {
            complains(stage, "Error from server (NotFound): serviceaccounts \"okteto\" not found");
        })
        .shows(&[("kubectl_said", "not found"), ("subject", Answers::SUBJECT)])
        .mend("check namespace and name", Stage::kubectl_gives_a_token)
        .in_real_time();

    a_cluster_without_okteto: World::of(Cause::RegistryKindMissing, Manifest, "")
        .arrange(|stage| {
            complains(stage, "error: no matches for kind \"Registry\" in version \"v1\"");
        })
        .shows(&[("kubectl_said", "no matches for kind")])
        .mend("", takes)
        .in_real_time()
        .only(Way::Engine, SCREEN);

    a_webhook_that_refuses: World::of(Cause::AdmissionRefused, Manifest, "")
        .arrange(|stage| {
            complains(
                stage,
                "Error from server: admission webhook \"registry.okteto.com\" denied the request: no such audience",
            );
        })
        .shows(&[("webhook", "registry.okteto.com"), ("webhook_said", "no such audience")])
        .mend("", takes)
        .in_real_time()
        .only(Way::Engine, SCREEN);
}
