//! AWS's sentence of refusal, read for who may not do what to what, and which kind of policy says so.
//!
//! Form (IAM user guide, "Troubleshoot access denied error messages"): `User: ARN is not authorized to perform: ACTION
//! on resource: RESOURCE because no KIND policy allows the ACTION action`, or `… with an explicit deny in a KIND`.

/// The parts of the sentence, as far as it has them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Denial {
    /// Who was refused.
    pub(crate) actor: Option<String>,
    /// What was refused, such as `iam:CreateRole`.
    pub(crate) action: Option<String>,
    /// On what.
    pub(crate) resource: Option<String>,
    /// The kind of policy that does not allow it, or denies it.
    pub(crate) policy: Option<Kind>,
    /// Whether a policy denies it, so that no further permission helps.
    pub(crate) explicit: bool,
}

/// A kind of policy, as AWS's sentence and as the evidence names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind(&'static str, &'static str);

const KINDS: [Kind; 8] = [
    Kind("service control policy", "service control policy"),
    Kind("resource control policy", "resource control policy"),
    Kind("permissions boundary", "permissions boundary"),
    Kind("session policy", "session"),
    Kind("vpc endpoint policy", "vpc endpoint"),
    Kind("resource-based policy", "resource-based"),
    Kind("identity-based policy", "identity-based"),
    Kind("role trust policy", "role trust"),
];

impl Denial {
    /// Reads the sentence; what is not in it stays empty.
    pub(crate) fn read(said: &str) -> Self {
        // STS begins its sentence with it, in a capital letter.
        let (who, what) = match said.split_once("ot authorized to perform") {
            Some((who, what)) => (who, what.trim_start_matches(':').trim_start()),
            None => (said, ""),
        };
        let word = |text: &str| {
            let word = text.split_whitespace().next().unwrap_or_default();
            let word = word.trim_end_matches(['.', ',']);
            (!word.is_empty()).then(|| word.to_owned())
        };
        let (_, tail) = what.split_once("on resource:").unwrap_or(("", ""));
        let resource = [" because ", " with an explicit deny"]
            .iter()
            .filter_map(|end| tail.find(end))
            .min()
            .and_then(|end| tail.get(..end))
            .unwrap_or(tail)
            .trim();
        let lower = what.to_ascii_lowercase();
        Self {
            actor: who.split_once("User:").and_then(|(_, actor)| word(actor)),
            action: word(what),
            resource: (!resource.is_empty()).then(|| resource.to_owned()),
            policy: KINDS.into_iter().find(|kind| lower.contains(kind.0)),
            explicit: lower.contains("explicit deny"),
        }
    }

    /// Whether it is the policy on the thing itself, and not one of who asked.
    pub(crate) fn is_by_resource(&self) -> bool {
        self.policy.is_some_and(|kind| kind.1 == "resource-based")
    }

    /// The kind of policy as the evidence has it.
    pub(crate) fn kind(&self) -> Option<String> {
        match (self.policy, self.explicit) {
            (Some(Kind(_, kind)), true) => Some(format!("{kind} (explicit deny)")),
            (Some(Kind(_, kind)), false) => Some(kind.to_owned()),
            (None, true) => Some("explicit deny".to_owned()),
            (None, false) => None,
        }
    }

    /// What mends it, as an instruction to the operator.
    pub(crate) fn remedy(&self, call: &str) -> String {
        let action = self.action.as_deref().unwrap_or(call);
        let on = self.resource.as_deref().map_or(String::new(), |r| format!(" on {r}"));
        match (self.policy, self.explicit) {
            (Some(Kind(_, "identity-based")) | None, false) => {
                format!("ask an administrator of the account for a policy that allows {action}{on}")
            }
            (Some(Kind(words, _)), false) => {
                format!("ask whoever sets the {words} to allow {action}{on}")
            }
            (kind, true) => format!(
                "a Deny of {} forbids {action}{on}: ask whoever sets it; no further permission helps",
                kind.map_or("a policy".to_owned(), |Kind(words, _)| format!("the {words}"))
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ending_of_the_sentence_names_its_policy() {
        let head = "User: arn:aws:iam::112233445566:user/ann is not authorized to perform: \
                    iam:CreateRole on resource: arn:aws:iam::112233445566:role/my role";
        for (tail, kind) in [
            (
                " because no identity-based policy allows the iam:CreateRole action",
                Some("identity-based"),
            ),
            (
                " because no permissions boundary allows the iam:CreateRole action",
                Some("permissions boundary"),
            ),
            (
                " because no service control policy allows the iam:CreateRole action",
                Some("service control policy"),
            ),
            (" because no session policy allows the iam:CreateRole action", Some("session")),
            (
                " because no resource-based policy allows the iam:CreateRole action",
                Some("resource-based"),
            ),
            (
                " with an explicit deny in a service control policy: arn:aws:organizations::1:policy/p",
                Some("service control policy (explicit deny)"),
            ),
            (
                " with an explicit deny in an identity-based policy",
                Some("identity-based (explicit deny)"),
            ),
            (" with an explicit deny", Some("explicit deny")),
            ("", None),
        ] {
            let denial = Denial::read(&format!("{head}{tail}"));
            assert_eq!(denial.actor.as_deref(), Some("arn:aws:iam::112233445566:user/ann"));
            assert_eq!(denial.action.as_deref(), Some("iam:CreateRole"));
            assert_eq!(
                denial.resource.as_deref(),
                Some("arn:aws:iam::112233445566:role/my role"),
                "{tail}"
            );
            assert_eq!(denial.kind().as_deref(), kind, "{tail}");
            assert!(denial.remedy("x").contains("iam:CreateRole"));
        }
    }

    #[test]
    fn a_short_sentence_yields_what_it_has() {
        let denial = Denial::read("Not authorized to perform sts:AssumeRoleWithWebIdentity");
        assert_eq!(denial.action.as_deref(), Some("sts:AssumeRoleWithWebIdentity"));
        assert_eq!(denial.resource, None);
        assert_eq!(Denial::read(""), Denial::default());
        assert_eq!(Denial::read("Zugriff verweigert"), Denial::default());
    }
}
