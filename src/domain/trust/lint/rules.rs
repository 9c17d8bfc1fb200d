//! The table of rules.
//!
//! It merges two catalogues: what people got wrong (`T01` to `T27` on the policy, `P01` to `P11` on the provider), and
//! what AWS's documents and the reports on roles that were taken over warn of (`F1` to `F12`). Where they grade alike
//! things differently the stricter grade stands, unless it would say more than is so; then the row says why.

use crate::domain::finding::{Finding, Severity};
use Severity::{Critical, Error, High, Low, Medium, Note};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its name, a promise to scripts.
    pub slug: &'static str,
    /// How bad it usually is. The place may make it better or worse.
    pub severity: Severity,
    /// Its numbers in the two catalogues; none where it was added to them.
    pub ids: &'static [&'static str],
    /// What it looks for, in a few words.
    pub looks_for: &'static str,
    /// Why that matters to the operator, one or two sentences.
    pub why: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
}

impl Rule {
    /// A finding of this rule, as bad as the rule usually is.
    #[must_use]
    pub fn at(&self, place: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding {
            rule: self.slug,
            severity: self.severity,
            message: message.into(),
            place: place.into(),
            fix: None,
        }
    }
}

macro_rules! rules {
    ($(
        $(#[doc = $note:literal])*
        $name:ident $slug:literal $severity:ident [$($id:literal)*]
        $looks_for:literal, $why:literal, $source:literal;
    )*) => {
        $($(#[doc = $note])* pub(in crate::domain) const $name: Rule = Rule {
            slug: $slug,
            severity: $severity,
            ids: &[$($id),*],
            looks_for: $looks_for,
            why: $why,
            source: $source,
        };)*

        /// Every rule.
        pub const RULES: &[Rule] = &[$($name),*];
    };
}

rules! {
    UNSOUND "trust-unsound" Error []
        "what the policy language does not have, or IAM refuses in a trust policy",
        "What IAM refuses cannot be what is in force, so the text at hand is not the policy that decides; and \
         what no reader understands, nobody can vouch for.",
        "IAM policy grammar";
    REPEATED_KEY "trust-repeated-key" High ["T10"]
        "a key that stands twice in one object: most tools keep the last one silently",
        "Whoever reads the document sees both values, and only one of them counts: a guard can be lost without a \
         word.",
        "IAM refuses such a document; GitHub, govuk-infrastructure#879";
    PLACEHOLDER "trust-placeholder" Error ["T23"]
        "a placeholder that was never filled: `${…}`, `<…>`, `{{…}}`",
        "IAM fills nothing in, so the condition or principal fits nobody and the pull fails.",
        "Okteto's tutorial; IAM user guide, reference_policies_variables";
    /// 2048 is a default that can be raised, 4096 the end.
    TOO_LONG "trust-too-long" Medium ["T24"]
        "more characters than a role may have by default (error: than it can have)",
        "IAM refuses the next change of a document that is over the quota, also the one that is to mend it.",
        "IAM quotas";
    VERSION_OLD "trust-version-old" Low ["T25"]
        "`Version` absent or 2008-10-17",
        "In the language of 2008 `${…}` is plain text: a variable that is added later guards nothing.",
        "IAM user guide, reference_policies_elements_version; Parliament";
    NO_PROVIDER "trust-no-provider" Error []
        "no Allow statement names an OIDC provider",
        "No web token is ever swapped for this role, so a cluster that relies on it cannot pull.",
        "STS API, AssumeRoleWithWebIdentity";
    FEDERATED_FORM "trust-federated-form" Error ["T17" "F8"]
        "`Federated` is a URL, a role, no ARN, or of another account or partition than the role",
        "STS looks for the provider in the account of the role by its exact ARN. Under any other name no token \
         gets in.",
        "Access Analyzer \"Invalid federated principal syntax\"; re:Post iam-oidc-idp-federation";
    /// One catalogue says critical, the other high. Critical stands for anyone, and for an account's root without a
    /// condition; a condition such as an external id narrows the root to what is usual between accounts: high. Where a
    /// condition asks who it is (`aws:PrincipalArn`), it is as if they were named: medium.
    PRINCIPAL_ANYONE "trust-principal-anyone" Critical ["T18" "F10"]
        "`*`, an account's root or `NotPrincipal` in an Allow statement (high: a root with a condition; medium: a \
         condition on `aws:Principal…` says who)",
        "The token's guards count only for tokens. Whoever is let in beside them needs none and walks past every \
         condition on `aud` and `sub`.",
        "Cloudsplaining; IAM user guide, reference_policies_elements_notprincipal";
    /// One catalogue says medium for any other statement, the other high for other accounts and other providers. Both
    /// stand: a role, user or service by name is fewer people than a provider.
    OTHER_STATEMENT "trust-other-statement" Medium ["T19" "F10"]
        "an Allow for others beside the web identity (high: another identity provider; note: another OIDC provider \
         where it is not known which was meant)",
        "Any statement that allows suffices: the strictest condition on the token is worth as much as the laxest \
         statement beside it.",
        "any Allow suffices: IAM user guide, reference_policies_evaluation-logic";
    /// With conditions that hold for an absent key the other issuers get in unguarded: high. With conditions on
    /// several issuers nobody gets in: error.
    SEVERAL_ISSUERS "trust-several-issuers" Medium ["T20"]
        "several providers in one statement, whose conditions cannot fit them all (high: they hold for an absent key; \
         error: nobody meets them)",
        "A token carries the keys of its own issuer only. What guards one of the issuers either shuts the others \
         out or leaves them unguarded.",
        "a token carries the keys of its own issuer only: STS condition keys";
    ACTION_MISMATCH "trust-action-mismatch" Error ["T15" "F9"]
        "an action that this principal cannot use (low: beside the right one)",
        "A web token is swapped by `sts:AssumeRoleWithWebIdentity` and by nothing else; with another action \
         nobody gets in.",
        "Access Analyzer \"Mismatched action for principal\"";
    /// One catalogue says high, the other error or high: it works, and allows more than it should.
    ACTION_WILDCARD "trust-action-wildcard" High ["T16" "F9" "F10"]
        "an action with a wildcard, or `NotAction`",
        "It allows more than to swap a token, such as tags on the session by which other policies decide, and \
         whatever AWS adds later.",
        "IAM user guide, reference_policies_elements_action";
    CONDITION_MISSING "trust-condition-missing" Critical ["T01" "F1"]
        "an OIDC provider without any condition",
        "Every token of the issuer gets in, for every audience that the provider lists: each pod of the cluster, \
         or each customer of the issuer.",
        "Access Analyzer \"Missing condition key for oidc principal\"";
    SUB_MISSING "trust-sub-missing" High ["T02" "F1" "P09"]
        "no condition on `sub` (critical: on an issuer that many customers share)",
        "Any service account of the cluster gets in; of an issuer that many customers share, any customer does. \
         Hundreds of such roles were found open to the internet in 2023 and 2024.",
        "Datadog \"No keys attached\" 2023; Tinder 2023; IAM user guide, id_roles_providers_oidc_secure-by-default";
    /// High where the provider is known to list two audiences or more; critical where a shared issuer tells its
    /// customers apart by it.
    AUD_MISSING "trust-aud-missing" Medium ["T03" "F4" "P09"]
        "no condition on `aud` (high: the provider lists several; critical: a shared issuer tells tenants apart \
         by it)",
        "A token that was made for another system gets in as well, so that whoever is shown one can use it here.",
        "IAM user guide, id_roles_providers_create_oidc; GitHub, openshift/release#81848";
    /// One catalogue says critical, the other high. Critical stands: it has the looks of a guard and is none.
    SUB_WILDCARD "trust-sub-wildcard" Critical ["T04" "F2"]
        "a `sub` that any account of the issuer fits: `*`, `system:serviceaccount:*`",
        "It looks guarded, and anyone who can get a token of the issuer gets in.",
        "Unit 42 on loosely configured OIDC policies 2024";
    NAMESPACE_WILDCARD "trust-namespace-wildcard" High ["T05" "F2"]
        "a wildcard in the namespace of `sub`: whoever may make a namespace gets in",
        "Whoever may make a namespace, or a repository, of a name that fits has the role: that is decided in the \
         cluster and not in AWS.",
        "Unit 42 on user-controllable claims 2024";
    ACCOUNT_WILDCARD "trust-account-wildcard" Medium ["T06" "F2"]
        "a wildcard in the account's name only",
        "Every account that fits has the role, also those that somebody makes later for something else.",
        "eksctl's documentation on IRSA";
    AUD_WILDCARD "trust-aud-wildcard" Medium ["F4"]
        "a wildcard in `aud` (high: the provider lists several that fit)",
        "A token made for another system gets in where its audience fits. The provider's list is then the only \
         guard, and others add to it.",
        "IAM user guide, id_roles_providers_create_oidc";
    FOR_ALL_VALUES "trust-for-all-values" High ["T07" "F6"]
        "`ForAllValues:` as the only guard of a claim, without `Null: false`: it holds where the claim is absent",
        "`ForAllValues` holds for a token that does not have the claim at all, so it guards nothing against one \
         that leaves it out. It stands in recipes that are copied a lot.",
        "Access Analyzer \"ForAllValues with single valued key\"; IAM user guide, reference_policies_multi-value-conditions";
    IF_EXISTS "trust-if-exists" High ["T08" "F6"]
        "`…IfExists` as the only guard of a claim: it holds where the claim is absent",
        "A token that does not have the claim at all gets in.",
        "IAM user guide, reference_policies_elements_condition_operators";
    /// One catalogue says critical of `sub`, the other high of both: critical for `sub`, high for `aud`.
    ONLY_NEGATED "trust-only-negated" Critical ["T09" "F6"]
        "only negated operators on `sub` or `aud` (high: on `aud`)",
        "It says who is kept out and lets in all others, also those that nobody thought of.",
        "IAM user guide, reference_policies_elements_condition_operators";
    KEY_SCHEME "trust-key-scheme" Error ["T11" "F7"]
        "a condition key with `https://`, a port or a query in it",
        "No token ever carries such a key, so the role cannot be assumed. Who follows Okteto's tutorial to the \
         letter gets it.",
        "Okteto's tutorial; STS condition keys";
    KEY_MISMATCH "trust-key-mismatch" Error ["T12" "F7"]
        "a condition key whose issuer is not the provider's, to the byte: path, slash at the end",
        "No token ever carries such a key: nobody gets in, or, under an operator that holds for absent keys, \
         everybody does.",
        "GitHub, windmilldocs#635; STS condition keys";
    WILDCARD_LITERAL "trust-wildcard-literal" Error ["T13" "F3"]
        "`*` or `?` under an operator that takes them to the letter",
        "The star is taken to the letter, so no token fits and the role cannot be assumed.",
        "Access Analyzer \"Wildcard without like operator\"";
    LIKE_WITHOUT_WILDCARD "trust-like-without-wildcard" Low ["T14"]
        "`StringLike` without a wildcard",
        "It works as it stands. The next editor who puts a star in opens the role without having to touch the \
         operator.",
        "trustfix";
    DEFAULT_ACCOUNT "trust-default-account" Medium ["T21" "F2"]
        "`sub` names the account `default`, which each pod without an account of its own uses",
        "Every pod of the namespace that names no account runs as `default`, so all of them have the role.",
        "GitHub, openshift/release#81848; Kubernetes on service accounts";
    CASE_DIFFERS "trust-case-differs" Error ["T22"]
        "a value that differs from what was meant, or from what Kubernetes can send, in the case of letters only",
        "IAM compares values with case, so the token never fits and the pull fails.",
        "GitHub, configure-aws-credentials#1100";
    ISSUER_OTHER "trust-issuer-other" Error []
        "the provider is not of the issuer that was meant",
        "Tokens of the cluster that was meant are refused, and those of another may get in.",
        "--expect-issuer";
    AUD_OTHER "trust-aud-other" Error []
        "`aud` is not what was meant",
        "STS refuses the token that Okteto shows, so the pull fails.",
        "--expect-audience";
    /// Beside the one that was meant, another one is let in: high. In its place: nobody gets in who should.
    SUB_OTHER "trust-sub-other" Error []
        "`sub` is not what was meant (high: lets in another beside it)",
        "The account that was meant is refused, or another one has the role as well.",
        "--expect-subject";
    SUBJECT_UNUSUAL "trust-subject-unusual" Note ["T26"]
        "`sub` is not Okteto's usual `system:serviceaccount:okteto:okteto`",
        "Okteto pulls as this one account. If it shows another subject, that is right; else the pull fails.",
        "Okteto's tutorial";
    SESSION_LONG "trust-session-long" Low ["T27"]
        "sessions of more than an hour",
        "Keys of a session that leaked work for as long as the session lasts. A pull takes minutes.",
        "CreateRole, MaxSessionDuration; a pull takes minutes";
    PROVIDER_URL "provider-url" Error ["P01"]
        "an issuer's URL that IAM does not take: scheme twice, port, query, more than 255 characters",
        "IAM can have no provider of that name, so no token gets in.",
        "IAM API, CreateOpenIDConnectProvider; IAM user guide, id_roles_providers_create_oidc";
    AUD_UNLISTED "provider-aud-unlisted" Error ["P02" "F5"]
        "an audience that the provider does not list",
        "STS refuses the token before it reads the trust policy (`Incorrect token audience`), so the pull fails.",
        "STS API, AssumeRoleWithWebIdentity (`Incorrect token audience`); GitHub, terraform-provider-aws#39348";
    /// One catalogue says medium, the other low: medium. Where the audience is the standard of the issuer's own tools
    /// (`sts.amazonaws.com` on EKS, where eksctl, the pod identity webhook and the Terraform modules set it, and on
    /// issuers of pipelines, such as GitHub's, whose action sends it) nothing is wrong with it: note.
    AUD_GENERIC "provider-aud-generic" Medium ["P03" "F11"]
        "an audience that other systems use as well, so that a token made for them gets in (note: \
         `sts.amazonaws.com` where it is the standard, as on EKS and of pipelines)",
        "A token that a pod showed to another system can be swapped for this role by whoever runs that system.",
        "Okteto's tutorial (one audience for each instance); eksctl";
    /// What no other rule found: the evaluator was asked about made-up tokens.
    ADMITS_OTHERS "trust-admits-others" High []
        "a neighbour of whom was meant gets in, by whatever means",
        "Somebody gets in whom nobody named, by the parts of the policy together.",
        "the evaluator";
    ADMITS_NOBODY "trust-admits-nobody" Error []
        "no token gets in, or not that of whom was meant, by whatever means",
        "The role cannot be assumed, so the pull fails, although each condition by itself looks right.",
        "the evaluator";
    /// One catalogue says medium. It is so of every GKE cluster and cannot be mended in the policy: note.
    NAME_INHERITED "provider-name-inherited" Note ["P10"]
        "an issuer made of names (GKE): a cluster built anew under that name inherits the trust",
        "The trust outlives the cluster. Whoever can make a cluster of that name in that project later has the \
         role.",
        "GKE's form of issuers";
    AUDIENCES_MANY "provider-audiences-many" Low ["P11"]
        "more than 90 of the 100 audiences that a provider can have",
        "At 100 IAM takes no more, and the next Okteto instance or region cannot be set up.",
        "IAM quotas";
}

/// What the two catalogues have besides, which a document alone cannot tell.
pub const ELSEWHERE: &[(&str, &str)] = &[
    ("P04", "needs the network: discovery and keys of the issuer"),
    ("P05", "needs the account: thumbprints of the provider"),
    ("P06", "needs the network: the certificate as a proxy shows it"),
    ("P07", "needs the account: all of its providers and roles"),
    ("P08", "needs the network: whether the issuer's host is still there"),
    ("F12", "needs the network: whether the issuer's domain or bucket is still its owner's"),
];
