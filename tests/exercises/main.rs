//! Every exercise that comes with the program: it fails before, its documented solution passes, what people try instead does
//! not, and who mends it by letting others in is caught.
//!
//! The world is opened as the wizard opens it, the commands are those of the file, run by a shell with the real AWS CLI.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what broke by breaking"
)]

#[cfg(test)]
mod class;
#[cfg(test)]
mod step_four;
#[cfg(test)]
#[path = "../support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test crate uses a part of the bed")]
mod support;

#[cfg(test)]
mod tests {
    use okteto_ecr::domain::draft::Field;
    use okteto_ecr::domain::exercise::goal::{By, Check};
    use okteto_ecr::practice::exercises::FILES;
    use serde_json::{Value, json};

    use super::class::Class;
    use super::step_four;

    const ISSUER: &str =
        "container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";

    /// Nothing is done yet: not without answers, and not by answers alone.
    fn before(name: &str) {
        let class = Class::open(name);
        assert!(!class.open_goals(false).is_empty(), "{name} is done before it is begun");
        assert!(!class.open_goals(true).is_empty(), "{name} is done by answers alone");
    }

    /// The documented solution.
    fn solve(class: &mut Class) {
        class.let_it_spread();
        let commands = class.exercise.solution.commands.clone();
        if commands.is_empty() {
            step_four::rotate(class);
        } else {
            class.shell(&commands);
        }
    }

    fn solution(name: &str) {
        let mut class = Class::open(name);
        solve(&mut class);
        assert_eq!(class.open_goals(true), Vec::<String>::new(), "{name}");
        let asks = class.exercise.goals.iter().any(|goal| matches!(goal.by, By::Answer(_)));
        assert_eq!(class.open_goals(false).is_empty(), !asks, "{name}: a question wants an answer");
    }

    /// What people try instead, each in a world of its own.
    fn wrong(name: &str) {
        let wrong = Class::open(name).exercise.wrong.clone();
        assert!(wrong.len() >= 2, "{name} has {} wrong mends", wrong.len());
        for way in wrong {
            let class = Class::open(name);
            class.let_it_spread();
            assert!(!way.commands.is_empty(), "{name}: nothing is tried by {:?}", way.words);
            class.shell(&way.commands);
            assert!(!class.open_goals(true).is_empty(), "{name} is done by {:?}", way.words);
        }
    }

    /// Step 4 mends it as well, where it is the account that is wrong.
    fn planned(name: &str) {
        let mut class = Class::open(name);
        class.let_it_spread();
        let mut draft = class.answers();
        if let Some(account) = &class.exercise.world.registry_account {
            draft.set(Field::Registry, format!("{account}.dkr.ecr.us-east-2.amazonaws.com"));
        }
        if draft.text(Field::Audience).is_empty() {
            draft.set(Field::Audience, "okteto.example.com/us-east-2");
        }
        let mut roles = vec![draft.text(Field::Role).to_owned()];
        roles.extend(class.exercise.goals.iter().filter_map(|goal| match &goal.by {
            By::State(Check::NobodyElse { role }) => Some(role.clone()),
            _ => None,
        }));
        for role in roles.into_iter().filter(|role| !role.is_empty()) {
            draft.set(Field::Role, role);
            step_four::mend(&mut class, &draft);
        }
        let left = class.open_goals(true);
        // What no plan is for: a pull, what was accepted, a role that is to go, the end of somebody else's run.
        let beyond = class.exercise.goals.iter().filter(|goal| {
            matches!(
                &goal.by,
                By::State(
                    Check::Pulled { .. }
                        | Check::Accepted { .. }
                        | Check::Gone { .. }
                        | Check::OneRun { .. }
                        | Check::FirstKeysGone { .. }
                )
            )
        });
        let all: Vec<String> = beyond.map(|goal| goal.text.clone()).collect();
        let missed: Vec<&String> =
            left.iter().filter(|goal| !all.iter().any(|text| goal.starts_with(text))).collect();
        assert!(missed.is_empty(), "{name}: {missed:?}");
    }

    /// Whoever opens a role after all else is right is told who gets in.
    fn widened(name: &str) {
        let mut class = Class::open(name);
        let roles: Vec<(String, String)> = class
            .exercise
            .goals
            .iter()
            .filter_map(|goal| match &goal.by {
                By::State(Check::NobodyElse { role }) => Some((goal.text.clone(), role.clone())),
                _ => None,
            })
            .collect();
        let has_role = !class.exercise.world.roles.is_empty()
            || class
                .exercise
                .goals
                .iter()
                .any(|goal| matches!(&goal.by, By::State(Check::OktetoPulls { .. })));
        assert_eq!(roles.is_empty(), !has_role, "{name}: each role is held against others");
        if roles.is_empty() {
            return;
        }
        solve(&mut class);
        for (text, role) in roles {
            for (how, trust) in wideners() {
                class.rewrite_trust(&role, &trust);
                let open = class.open_goals(true);
                let told = open.iter().find_map(|goal| goal.strip_prefix(&format!("{text}: ")));
                let told = told.unwrap_or_else(|| panic!("{name}: {how} is not caught: {open:?}"));
                assert!(!told.is_empty(), "{name}: {how}: nobody is named");
            }
        }
    }

    /// Ways to let others in beside Okteto.
    fn wideners() -> [(&'static str, Value); 4] {
        let federated =
            json!({"Federated": format!("arn:aws:iam::112233445566:oidc-provider/{ISSUER}")});
        let (aud, sub) = (format!("{ISSUER}:aud"), format!("{ISSUER}:sub"));
        let okteto = "system:serviceaccount:okteto:okteto";
        let audience = "okteto.example.com/us-east-2";
        let trust = |principal: &Value, action: &str, condition: Value| {
            json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition,
            }]})
        };
        let web = "sts:AssumeRoleWithWebIdentity";
        let star = json!({"StringEquals": {&aud: audience}, "StringLike": {&sub: "*"}});
        let absent = format!("{ISSUER}/:sub");
        let all = json!({"StringEquals": {&aud: audience}, "ForAllValues:StringEquals": {absent: okteto}});
        let with_anyone = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": federated, "Action": web,
             "Condition": {"StringEquals": {&aud: audience, &sub: okteto}}},
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
        ]});
        [
            ("a star for sub", trust(&federated, web, star)),
            ("no condition", trust(&federated, web, json!({}))),
            ("ForAllValues on a key that is absent", trust(&federated, web, all)),
            ("a statement for anyone", with_anyone),
        ]
    }

    macro_rules! exercises {
        ($($module:ident $name:literal;)+) => {
            $(mod $module {
                #[test]
                fn before() {
                    super::before($name);
                }

                #[test]
                fn solution() {
                    super::solution($name);
                }

                #[test]
                fn wrong() {
                    super::wrong($name);
                }

                #[test]
                fn planned() {
                    super::planned($name);
                }

                #[test]
                fn widened() {
                    super::widened($name);
                }
            })+

            #[test]
            fn none_is_left_out() {
                let shipped: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
                assert_eq!(shipped, [$($name),+]);
            }
        };
    }

    exercises! {
        first_set_up "first-set-up";
        scheme_in_the_key "scheme-in-the-key";
        provider_for_role "provider-for-role";
        audience_not_listed "audience-not-listed";
        audience_in_the_trust "audience-in-the-trust";
        another_namespace "another-namespace";
        anyone_in_the_cluster "anyone-in-the-cluster";
        for_all_values "for-all-values";
        another_account "another-account";
        old_token "old-token";
        not_yet_spread "not-yet-spread";
        half_done "half-done";
        key_rotation "key-rotation";
        account_review "account-review";
    }
}
