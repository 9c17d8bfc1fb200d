use super::*;
use crate::domain::policy::Document;

fn read(text: &str) -> Result<Policy, Unsound> {
    Policy::read(&Document::parse(text).unwrap())
}

#[test]
fn a_denial_wins_and_silence_allows_nothing() {
    let policy = read(
        r#"{"Version":"2012-10-17","Statement":[
            {"Sid":"a","Effect":"Allow","Action":["ecr:Get*","iam:GetRole"],"Resource":"*"},
            {"Sid":"b","Effect":"Deny","Action":"ECR:getauthorizationtoken","Resource":"*"}]}"#,
    )
    .unwrap();
    let user = Asker::User("arn:aws:iam::112233445566:user/ann".to_owned());
    let outcome = |action| {
        let context = Context::default();
        policy.judge(&Request { asker: &user, action, resource: "*", context: &context }).outcome
    };
    assert_eq!(outcome("iam:GetRole"), Outcome::Allowed);
    assert_eq!(outcome("ecr:GetAuthorizationToken"), Outcome::Denied);
    assert_eq!(outcome("iam:GetRoles"), Outcome::Silent);
}
