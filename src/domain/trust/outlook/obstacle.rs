//! What stands in the way, each thing as a fault with its evidence and its remedy.

use super::super::ACTION;
use super::super::decide::{difference, nearest_difference};
use super::statement::{Key, Look};
use crate::domain::evaluate::{Condition, Finding, Operator, Party, Principals};
use crate::domain::fault::{Cause, Fault};

/// What a plan does for every one of them.
const PLAN: &str = "a plan shows the difference and mends it";

impl Look<'_> {
    /// What keeps the statement from letting the holder in. What is not known is left out, and so is a claim that the
    /// token does not have at all but must: that is told before.
    pub(super) fn obstacles(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.verdict.principal.is_none() {
            faults.push(self.principal());
        }
        if !self.verdict.action {
            faults.push(self.action());
        }
        for (condition, finding) in self.failed() {
            match self.key(&condition.key) {
                Key::Claim(claim) => faults.extend(self.claim(claim, condition, finding)),
                Key::Foreign(right) => {
                    faults.push(self.foreign(condition, &right));
                    // Once the key is right, its values are what counts.
                    let righted = Condition { key: right.clone(), ..condition.clone() };
                    let finding = self.finding(&righted);
                    if let (Key::Claim(claim), false) = (self.key(&right), finding.met) {
                        faults.extend(self.claim(claim, &righted, &finding));
                    }
                }
                Key::Never => faults.push(self.never(condition)),
                Key::Unknown => {}
            }
        }
        faults
    }

    /// That the statement denies, whatever else allows (IAM user guide, `reference_policies_evaluation-logic`).
    pub(super) fn denial(&self) -> Fault {
        let number = self.number;
        let asks: Vec<String> = self
            .statement
            .conditions
            .iter()
            .map(|c| format!("{} {} {}", c.operator.written, c.key, c.wanted.join(", ")))
            .collect();
        let asks = if asks.is_empty() {
            "without a condition".to_owned()
        } else {
            format!("where {}", asks.join(" and "))
        };
        let mut fault = Fault::new(
            Cause::PermissionDenied,
            format!("statement {number} of the trust policy denies this token {asks}, whatever another statement allows"),
        )
        .with("at", format!("Statement {number}"))
        .with("action", ACTION)
        .with("policy", "role trust (explicit deny)");
        if let Some(sid) = &self.verdict.sid {
            fault = fault.with("sid", sid);
        }
        fault.remedy(format!(
            "if statement {number} is not meant for this token, change it so that it spares the token, or remove it; no further permission helps"
        ))
    }

    fn principal(&self) -> Fault {
        let wanted = &self.provider.arn;
        let number = self.number;
        let Some(principals) = &self.statement.principal else {
            return Fault::new(
                Cause::TrustPrincipalMismatch,
                format!("statement {number} of the trust policy names no Principal, so that it lets nobody in"),
            )
            .with("at", format!("Statement {number}"))
            .with("wanted", wanted)
            .remedy(format!("add \"Principal\": {{\"Federated\": \"{wanted}\"}} to statement {number}; {PLAN}"));
        };
        if let Some(other) = self.namesake().filter(|_| !principals.not) {
            let field =
                |arn: &str, at: usize| arn.split(':').nth(at).unwrap_or_default().to_owned();
            let (what, which) =
                if field(other, 4) == field(wanted, 4) { ("partition", 1) } else { ("account", 4) };
            let (theirs, ours) = (field(other, which), field(wanted, which));
            let fault = Fault::new(
                Cause::ProviderInOtherAccount,
                format!(
                    "statement {number} of the trust policy names the identity provider of the {what} {theirs}, and the token's provider stands in {ours}"
                ),
            );
            let at = format!("Statement {number}: Principal Federated");
            return told(fault, &at, std::slice::from_ref(wanted), &[other.to_owned()])
                .remedy(format!("put {wanted} in place of {other} at {at}; {PLAN}"));
        }
        let (kind, got) = named(principals);
        let element = if principals.not { "NotPrincipal" } else { "Principal" };
        let at = format!("Statement {number}: {element}{kind}");
        let names = got.join(", ");
        let message = if principals.not {
            format!(
                "statement {number} of the trust policy lets in all but {names}, and that is the token's provider"
            )
        } else if principals.parties.contains(&Party::Everyone) {
            format!(
                "statement {number} of the trust policy names *, which is nowhere said to take in web tokens; the token's provider is {wanted}"
            )
        } else {
            format!(
                "statement {number} of the trust policy lets in {names}, and the token's provider is {wanted}"
            )
        };
        let fault = Fault::new(Cause::TrustPrincipalMismatch, message);
        told(fault, &at, std::slice::from_ref(wanted), &got).remedy(format!(
            "put \"Principal\": {{\"Federated\": \"{wanted}\"}} in place of {names} at {at}; {PLAN}"
        ))
    }

    fn action(&self) -> Fault {
        let number = self.number;
        let actions = &self.statement.actions;
        let got = actions.patterns.join(", ");
        let (element, message) = if actions.not {
            (
                "NotAction",
                format!(
                    "statement {number} of the trust policy allows all actions but {got}, and a token is swapped by {ACTION}"
                ),
            )
        } else {
            (
                "Action",
                format!(
                    "statement {number} of the trust policy allows {got}, and a token is swapped by {ACTION}"
                ),
            )
        };
        let at = format!("Statement {number}: {element}");
        let fault = Fault::new(Cause::TrustActionMismatch, message).with("action", ACTION);
        told(fault, &at, &[ACTION.to_owned()], &actions.patterns)
            .remedy(format!("put \"Action\": \"{ACTION}\" in place of {got} at {at}; {PLAN}"))
    }

    fn foreign(&self, condition: &Condition, right: &str) -> Fault {
        let (number, key) = (self.number, &condition.key);
        let bare = key.strip_prefix("https://").unwrap_or(key);
        let slip = if bare.eq_ignore_ascii_case(right) {
            ": a condition key begins without https://"
        } else if bare.replace("/:", ":").eq_ignore_ascii_case(&right.replace("/:", ":")) {
            ": the slash at the end counts"
        } else if bare.replace(":443", "").eq_ignore_ascii_case(right) {
            ": the port counts"
        } else {
            ""
        };
        let at = self.place(condition);
        let fault = Fault::new(
            Cause::ConditionKeyMismatch,
            format!(
                "statement {number} of the trust policy asks for {key}, which no token of this provider carries{slip}"
            ),
        );
        let remedy = match self.key(right) {
            Key::Claim(_) => format!("put the key {right} in place of {key} at {at}; {PLAN}"),
            // Of the other claims AWS makes no key, for most providers.
            _ => format!("remove {at}, and ask for aud and sub of this provider; {PLAN}"),
        };
        told(fault, &at, &[right.to_owned()], std::slice::from_ref(key)).remedy(remedy)
    }

    fn never(&self, condition: &Condition) -> Fault {
        let (number, key, at) = (self.number, &condition.key, self.place(condition));
        let name = self.provider.name();
        Fault::new(
            Cause::ConditionKeyMismatch,
            format!(
                "statement {number} of the trust policy asks for {key}, which AWS makes of no token: of an issuer like this \
                 it knows aud, sub, amr and azp only"
            ),
        )
        .with("at", &at)
        .with("wanted", format!("{name}:aud, {name}:sub, {name}:amr or {name}:azp"))
        .with("got", key)
        .remedy(format!("ask for {name}:aud and {name}:sub by StringEquals in place of {at}; {PLAN}"))
    }

    /// A condition on a claim that does not hold.
    fn claim(
        &self,
        claim: &'static str,
        condition: &Condition,
        finding: &Finding,
    ) -> Option<Fault> {
        if finding.got.is_none() && matches!(claim, "aud" | "sub") {
            return None;
        }
        let operator = &condition.operator.written;
        let at = self.place(condition);
        // Under `NAME:aud` stands what counts in its place.
        let claim = if claim == "aud" { self.holder.named_audiences().0 } else { claim };
        let (wanted, got) = (condition.wanted.join(", "), finding.got.clone().unwrap_or_default());
        let has = if got.is_empty() {
            format!("the token has no {claim}")
        } else {
            format!("the token's {claim} is {}", got.join(", "))
        };
        let number = self.number;
        let (asks, remedy) = if operator == "Null" {
            let there = if got.is_empty() { "one" } else { "none" };
            (
                format!("statement {number} of the trust policy asks that there be {there}"),
                format!("remove {at}; {PLAN}"),
            )
        } else if condition.operator.negated {
            (
                format!("statement {number} of the trust policy leaves out {wanted} by {operator}"),
                format!("remove {wanted} at {at}, or take a token of another {claim}; {PLAN}"),
            )
        } else {
            (
                format!("statement {number} of the trust policy asks by {operator} for {wanted}"),
                self.remedy(claim, condition, &got),
            )
        };
        let cause = match claim {
            "aud" | "azp" => Cause::AudienceMismatch,
            "sub" => Cause::SubjectMismatch,
            _ => Cause::PermissionDenied,
        };
        let mut fault = Fault::new(cause, format!("{has}, and {asks}"))
            .with("at", at)
            .with("claim", claim)
            .with("wanted", wanted);
        if !got.is_empty() {
            fault = fault.with("got", got.join(", "));
        }
        if let Some(words) = difference(finding) {
            fault = fault.with("first_difference", words);
        }
        if cause == Cause::PermissionDenied {
            fault = fault.with("policy", "role trust").with("action", ACTION);
        }
        Some(fault.remedy(remedy))
    }

    /// Which value has to become which.
    fn remedy(&self, claim: &str, condition: &Condition, got: &[String]) -> String {
        let at = self.place(condition);
        let wanted = condition.wanted.join(", ");
        let value = got.join(", ");
        if let Some(like) = self.as_pattern(condition) {
            return format!(
                "{} takes * and ? to the letter: if {value} is meant, put it in place of {wanted} at {at} ({PLAN}); {like} would \
                 read them as wildcards, and let in whoever else fits",
                condition.operator.written
            );
        }
        let take = match (claim, condition.wanted.as_slice()) {
            ("aud", [one]) => format!("mint a token for the audience {one}"),
            ("sub", [one]) => format!("take a token of {one}"),
            _ => format!("take a token whose {claim} is {wanted}"),
        };
        if got.is_empty() {
            return format!("{take}, or remove {at}");
        }
        let mended = Condition { wanted: got.to_vec(), ..condition.clone() };
        let put = if self.finding(&mended).met {
            format!("put it in place of {wanted} at {at}")
        } else {
            format!("ask for it by StringEquals in place of {at}")
        };
        format!("if {value} is meant, {put} ({PLAN}); else {take}")
    }

    /// The operator that takes the values for the patterns they look like, if the holder got in by it.
    fn as_pattern(&self, condition: &Condition) -> Option<String> {
        let like = condition.operator.written.replace("StringEquals", "StringLike");
        let operator = Operator::parse(&like.replace("IgnoreCase", ""))?;
        let written = operator.written.clone();
        let is_other = written != condition.operator.written;
        let met = self.finding(&Condition { operator, ..condition.clone() }).met;
        (is_other && met).then_some(written)
    }

    fn place(&self, condition: &Condition) -> String {
        format!(
            "Statement {}: Condition {} {}",
            self.number, condition.operator.written, condition.key
        )
    }
}

/// The common evidence of a mismatch.
fn told(fault: Fault, at: &str, wanted: &[String], got: &[String]) -> Fault {
    let fault = fault.with("at", at).with("wanted", wanted.join(", ")).with("got", got.join(", "));
    match nearest_difference(wanted, got) {
        Some(words) => fault.with("first_difference", words),
        None => fault,
    }
}

/// Whom a statement names, providers before any other, with the kind as the place has it.
fn named(principals: &Principals) -> (&'static str, Vec<String>) {
    let of = |kind: &'static str| {
        let names = principals.parties.iter().filter_map(move |party| match party {
            Party::Federated(name) if kind == " Federated" => Some(name),
            Party::Aws(name) if kind == " AWS" => Some(name),
            Party::Service(name) if kind == " Service" => Some(name),
            Party::Canonical(name) if kind == " CanonicalUser" => Some(name),
            _ => None,
        });
        (kind, names.cloned().collect::<Vec<_>>())
    };
    [" Federated", " AWS", " Service", " CanonicalUser"]
        .map(of)
        .into_iter()
        .find(|(_, names)| !names.is_empty())
        .unwrap_or(("", vec!["*".to_owned()]))
}
