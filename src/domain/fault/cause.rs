//! The closed list of causes, and what the documentation and the screens say of each.

macro_rules! causes {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $slug:literal, $waits:literal, seen $seen:literal, remedy $remedy:literal; )+) => {
        /// The closed list of causes. A cause is a promise to scripts: it is added to, never renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Cause { $( $(#[doc = $doc])+ $variant, )+ }

        impl Cause {
            /// Every cause, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// The name scripts know it by.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $( Self::$variant => $slug, )+ }
            }

            /// Whether the same request may succeed later by itself.
            #[must_use]
            pub const fn waiting_helps(self) -> bool {
                match self { $( Self::$variant => $waits, )+ }
            }

            /// One line of what it means: the table of causes in the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $( Self::$variant => concat!($($doc),+), )+ }
            }

            /// What a person sees who has no such program: a code, a sentence of AWS's, a symptom. In Markdown.
            #[must_use]
            pub const fn seen(self) -> &'static str {
                match self { $( Self::$variant => $seen, )+ }
            }

            /// What mends it in general, as an instruction.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $( Self::$variant => $remedy, )+ }
            }
        }
    };
}

// What is seen: the sentences of the AWS CLI, of docker, containerd and kubectl, as public reports quote them, and the
// troubleshooting pages of the IAM and ECR user guides.
causes! {
    /// No AWS credentials were found where the AWS CLI looks for them.
    CredentialsMissing = "credentials-missing", false,
        seen "`Unable to locate credentials`; `MissingAuthenticationToken`",
        remedy "run: aws configure (or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)";
    /// The operator's login has ended and can be renewed.
    CredentialsExpired = "credentials-expired", false,
        seen "`ExpiredToken: The security token included in the request is expired`",
        remedy "get new credentials; where AWS_ACCESS_KEY_ID is set, set it anew or unset it";
    /// The caller belongs to another account or partition than the answers name.
    WrongAccount = "wrong-account", false,
        seen "another account than meant in `aws sts get-caller-identity`",
        remedy "log in to the account that the answers name, or choose its profile with --profile";
    /// The caller may not make this call; the evidence names action, resource and the kind of policy.
    PermissionDenied = "permission-denied", false,
        seen "`AccessDenied: User: … is not authorized to perform: …`",
        remedy "ask an administrator of the account for a policy that allows the action";
    /// AWS asked to slow down.
    Throttled = "throttled", true,
        seen "`Throttling: Rate exceeded`; `TOOMANYREQUESTS`",
        remedy "wait a moment, then try again";
    /// The other end did not answer: name, network, proxy or certificate.
    Unreachable = "unreachable", true,
        seen "`Could not connect to the endpoint URL`; no answer, or one that is not AWS's",
        remedy "check the network, HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL, then try again";
    /// The clock of this machine is too far from that of AWS.
    ClockSkew = "clock-skew", false,
        seen "`SignatureDoesNotMatch: Signature expired` or `not yet current`",
        remedy "set this machine's clock (AWS allows 5 minutes)";
    /// A quota of the account is used up.
    QuotaReached = "quota-reached", false,
        seen "`LimitExceeded: Cannot exceed quota for …`",
        remedy "remove what is not needed, or ask AWS for a higher quota";
    /// A thing of that name is there already.
    AlreadyExists = "already-exists", false,
        seen "`EntityAlreadyExists: … already exists`",
        remedy "make the plan again: it takes in what is there now";
    /// AWS refused the text of a policy document.
    MalformedPolicy = "malformed-policy", false,
        seen "`MalformedPolicyDocument`; `Invalid principal in policy`",
        remedy "correct what AWS's words name, such as a principal that does not exist, then make the plan again";
    /// AWS, or this machine, cannot fetch the issuer's discovery document or keys.
    IssuerUnreachable = "issuer-unreachable", true,
        seen "`InvalidIdentityToken: Couldn't retrieve verification key from your identity provider`; \
         `IDPCommunicationError`",
        remedy "let AWS reach the issuer's discovery document and keys from the internet, without a login, within 5 \
         seconds, over a certificate that it trusts";
    /// The issuer names itself differently, or the token comes from another issuer.
    IssuerMismatch = "issuer-mismatch", false,
        seen "the `issuer` of the discovery document, or the `iss` of the token, is not the one of the answers",
        remedy "use the issuer exactly as its own document names it, a slash at the end included, and a token of that \
         cluster";
    /// The account has no identity provider for the token's issuer.
    ProviderMissing = "provider-missing", false,
        seen "`InvalidIdentityToken: No OpenIDConnect provider found in your account for …`",
        remedy "add an identity provider for exactly the token's iss to the role's account: compare the path, the case \
         and the slash at the end";
    /// The identity provider stands in another account than the role.
    ProviderInOtherAccount = "provider-in-other-account", false,
        seen "`InvalidIdentityToken: No OpenIDConnect provider found in your account for …`",
        remedy "add the provider to the role's own account: STS looks for it there, whatever the trust policy names";
    /// The provider does not list the token's audience.
    AudienceNotRegistered = "audience-not-registered", false,
        seen "`InvalidIdentityToken: Incorrect token audience`",
        remedy "add the token's aud to the provider's client ids";
    /// The token's audience is not the one the role's trust policy asks for.
    AudienceMismatch = "audience-mismatch", false,
        seen "`AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity`",
        remedy "make the audience the same in the token, the provider and the trust policy: ask for the token with \
         that --audience, or correct the policy";
    /// The token's subject is not the one the role's trust policy asks for.
    SubjectMismatch = "subject-mismatch", false,
        seen "`AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity`",
        remedy "take the token of the service account that the trust policy names, or correct the policy; Okteto shows \
         the subject";
    /// A condition key of the trust policy does not belong to the provider, so it never matches.
    ConditionKeyMismatch = "condition-key-mismatch", false,
        seen "`AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity`",
        remedy "write the condition's key as the provider's URL without https://, a colon and the claim";
    /// The trust policy names another principal than the provider.
    TrustPrincipalMismatch = "trust-principal-mismatch", false,
        seen "`AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity`",
        remedy "let the trust policy's Principal be Federated, with the ARN of the provider";
    /// The trust policy allows another action than sts:AssumeRoleWithWebIdentity.
    TrustActionMismatch = "trust-action-mismatch", false,
        seen "`AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity`",
        remedy "let the trust policy allow the action sts:AssumeRoleWithWebIdentity";
    /// The token's end has passed.
    TokenExpired = "token-expired", false,
        seen "`ExpiredTokenException: Token expired: current date/time … must be before the expiration date/time …`",
        remedy "take a fresh token; if it is fresh, check this machine's clock";
    /// The token was issued too long ago, although its end has not passed.
    TokenTooOld = "token-too-old", false,
        seen "`ExpiredTokenException: Token too old: …`",
        remedy "take a fresh token that lives 10 to 60 minutes: AWS holds the time of issue against this one";
    /// The token is not a web token of a service account, or a claim is missing.
    TokenMalformed = "token-malformed", false,
        seen "`InvalidIdentityToken: Missing a required claim: …`, or `… is not a valid JWT`",
        remedy "take the token of a service account, made for one audience: kubectl create token";
    /// The token's signature does not fit the issuer's keys.
    TokenSignature = "token-signature", false,
        seen "`InvalidIdentityToken`, with words on the signature",
        remedy "take a fresh token of the cluster that Okteto runs in: one of the keys that its issuer publishes must have signed it";
    /// A token that must be refused was let in.
    TrustTooWide = "trust-too-wide", false,
        seen "nothing: no tool refuses, and none tells",
        remedy "narrow the trust policy to one audience and one subject, by StringEquals: a plan writes it";
    /// There is no such role.
    RoleMissing = "role-missing", false,
        seen "`AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity`; `NoSuchEntity`",
        remedy "make the role with plan and apply, or use the ARN of the role that is there: it has :role/ in it";
    /// Everything is as it should be and was changed a moment ago: AWS has not spread it yet.
    NotYetPropagated = "not-yet-propagated", true,
        seen "`AccessDenied` or `InvalidClientTokenId` in the first minutes after a change",
        remedy "wait a minute, then run the pull test again";
    /// The role may log in but not read this image.
    PullPermissionMissing = "pull-permission-missing", false,
        seen "`pull access denied`; `403 Forbidden` from the registry",
        remedy "let the role's policy allow ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on the repository";
    /// The role may not ask for a registry login.
    LoginPermissionMissing = "login-permission-missing", false,
        seen "`… is not authorized to perform: ecr:GetAuthorizationToken on resource: *`",
        remedy "let the role's policy allow ecr:GetAuthorizationToken on \"*\": it cannot be narrowed to a repository";
    /// The role may push, although it is meant to pull only.
    PushPermitted = "push-permitted", false,
        seen "nothing: a push simply works",
        remedy "take what allows ecr:InitiateLayerUpload and other changes out of the role's policies";
    /// The repository stands in another account, whose repository policy does not admit the role.
    RepositoryPolicyMissing = "repository-policy-missing", false,
        seen "`403 Forbidden` from the registry of another account",
        remedy "in the account of the registry, let the repository's policy allow the role ecr:BatchGetImage and \
         ecr:GetDownloadUrlForLayer";
    /// The registry has no such repository.
    RepositoryMissing = "repository-missing", false,
        seen "`NAME_UNKNOWN`; `RepositoryNotFoundException`",
        remedy "check the repository's name, account and region; below a pull-through cache prefix the role also needs \
         ecr:CreateRepository and ecr:BatchImportUpstreamImage";
    /// The repository has no such image.
    ImageMissing = "image-missing", false,
        seen "`MANIFEST_UNKNOWN: Requested image not found`",
        remedy "check tag or digest; below a pull-through cache prefix the role also needs \
         ecr:BatchImportUpstreamImage";
    /// The image is not there for the wanted platform.
    PlatformMissing = "platform-missing", false,
        seen "`no matching manifest for linux/amd64`; `exec format error` once it runs",
        remedy "set pull_test.platform to one that is there, or push the image for this platform";
    /// The registry login has expired.
    RegistryTokenExpired = "registry-token-expired", false,
        seen "`Your authorization token has expired. Reauthenticate and try again.`",
        remedy "run the test again: each run asks for a new login";
    /// The registry login belongs to another region than the registry.
    RegistryRegionMismatch = "registry-region-mismatch", false,
        seen "`400 Bad Request` or `401 Unauthorized` with a login that is good elsewhere",
        remedy "ask for the registry login in the region that the registry's host names";
    /// The registry refused the login.
    RegistryLoginRefused = "registry-login-refused", false,
        seen "`no basic auth credentials`; `401 Unauthorized`",
        remedy "the login must come from the registry's own region, and reach it unchanged through any proxy";
    /// The host that holds the layers cannot be reached or refused the request.
    LayerHostBlocked = "layer-host-blocked", false,
        seen "the manifest comes, the layers do not: `i/o timeout`, `403` from an S3 host",
        remedy "let the network reach Amazon S3 too: ECR keeps layers there, from where they are fetched by https";
    /// The bytes that arrived are not the bytes that were named.
    DigestMismatch = "digest-mismatch", false,
        seen "`unexpected commit digest`; `filesystem layer verification failed`",
        remedy "look for what alters the bytes on the way here, such as a proxy; if there is none, push the image \
         again";
    /// The access key is inactive.
    AccessKeyInactive = "access-key-inactive", false,
        seen "`InvalidClientTokenId`, although the key is the right one",
        remedy "make the key active again, or make another and put it in place of this one";
    /// AWS does not know the access key.
    AccessKeyUnknown = "access-key-unknown", false,
        seen "`InvalidClientTokenId: The security token included in the request is invalid`",
        remedy "check the access key, its session token, and that it belongs to this partition";
    /// The secret does not belong to the access key.
    SecretMismatch = "secret-mismatch", false,
        seen "`SignatureDoesNotMatch: The request signature we calculated does not match …`",
        remedy "check the secret access key; a proxy that alters requests has this effect";
    /// The keys are good, and somebody else's than was meant.
    IdentityMismatch = "identity-mismatch", false,
        seen "another ARN than meant in `aws sts get-caller-identity` with these keys",
        remedy "use the keys of the role or user that is meant";
    /// What would be changed was not made by this program: its name has to be confirmed.
    ConfirmationNeeded = "confirmation-needed", false,
        seen "apply stops before its first call and names what it wants confirmed",
        remedy "look at plan first, then add --yes, and --confirm with each name that it asks for";
    /// The account has something in the way that this program will not change.
    Conflict = "conflict", false,
        seen "`plan` tells of a `conflict`; `UnmodifiableEntity`",
        remedy "choose another name, or take the thing in the way aside by hand";
    /// Another process of this program is changing something.
    InUse = "in-use", false,
        seen "two windows apply at the same time",
        remedy "wait for the other one to end, then try again";
    /// The plan is no longer the plan that was shown.
    PlanChanged = "plan-changed", false,
        seen "`apply --plan-hash` stops before its first call",
        remedy "look at plan again, and give apply its hash";
    /// The stated end of a wait passed without an answer.
    DeadlinePassed = "deadline-passed", true,
        seen "`Read timeout on endpoint URL`, or silence",
        remedy "try again; if it stays so, check the network, HTTPS_PROXY and NO_PROXY";
    /// It was stopped by the operator.
    Stopped = "stopped", false,
        seen "Ctrl-C, or the end of the session",
        remedy "run it again: what was made is found and kept";
    /// The cluster cannot be reached, or kubectl is missing.
    ClusterUnreachable = "cluster-unreachable", false,
        seen "`kubectl` fails in the same way",
        remedy "check that kubectl works by itself: network, VPN, login, context";
    /// The cluster does not let this user do it.
    ClusterPermissionMissing = "cluster-permission-missing", false,
        seen "`Error from server (Forbidden)`",
        remedy "ask for the right that kubectl's words name; a token can also be given as a file";
    /// The cluster has no such service account.
    ServiceAccountMissing = "service-account-missing", false,
        seen "`Error from server (NotFound): serviceaccounts … not found`",
        remedy "check namespace and name: Okteto shows the subject under Admin, Integrations";
    /// The cluster does not know Okteto's Registry kind.
    RegistryKindMissing = "registry-kind-missing", false,
        seen "`no matches for kind \"Registry\"`",
        remedy "install or update Okteto in this cluster, or choose the context of the cluster that it runs in";
    /// The cluster's admission refused the object.
    AdmissionRefused = "admission-refused", false,
        seen "`admission webhook … denied the request`",
        remedy "change what the cluster's words name, then ask again";
    /// The answers do not hold together; the message names the key, the reason and an example.
    BadAnswers = "bad-answers", false,
        seen "the command ends with exit code 2 and names the key",
        remedy "correct the answers at the key that is named";
    /// A file could not be read or written.
    File = "file", false,
        seen "`No such file or directory`; `Permission denied`",
        remedy "check that the path is there and may be read, or written where it has to be";
    /// None of the above; the evidence holds all that was seen.
    Unexplained = "unexplained", false,
        seen "a refusal that none of the above fits",
        remedy "take what AWS said, with its request id, to whoever runs the account: a service control policy, a \
         boundary or a region that is not enabled can refuse too";
}
