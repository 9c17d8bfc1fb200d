//! The account as the wire has it: whole, in part, refused, odd.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::super::testing::{Reply, aws, json_error, peer, xml_error};
use super::*;
use crate::domain::arn::{RoleArn, UserArn};
use crate::domain::fault::Cause;
use crate::domain::key::LastUse;
use crate::domain::partition::{AccountId, Region};

const TRUST: &str =
    r#"{"Statement":[{"Condition":{"StringEquals":{"a.example.com:sub":"x+y \u202e€"}}}]}"#;

fn encoded(document: &str) -> String {
    percent_encoding::utf8_percent_encode(document, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A successful answer of IAM.
fn answer(action: &str, result: &str) -> Reply {
    Reply::Answer(
        200,
        format!(
            "<{action}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><{action}Result>{result}\
             </{action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{action}Response>"
        ),
    )
}

/// The action that a request asks for.
fn action(request: &str) -> String {
    let (_, rest) = request.split_once("Action=").unwrap_or_default();
    rest.split('&').next().unwrap_or_default().to_owned()
}

fn details(result: &str) -> Reply {
    answer("GetAccountAuthorizationDetails", result)
}

fn refused(action: &str) -> Reply {
    let message = format!(
        "User: arn:aws:iam::112233445566:user/op is not authorized to perform: iam:{action} on resource: x because no \
         identity-based policy allows the iam:{action} action"
    );
    xml_error(403, "AccessDenied", &message)
}

fn role(name: &str) -> RoleEntry {
    RoleEntry {
        arn: RoleArn::from_server(&format!("arn:aws:iam::112233445566:role/{name}")),
        name: name.to_owned(),
        path: "/".to_owned(),
        trust: "{}".to_owned(),
        created_at: None,
        max_session_seconds: Some(7200),
        boundary: None,
        attached: Vec::new(),
        inline: BTreeMap::new(),
        tags: BTreeMap::new(),
        last_use: LastUse::Unknown,
        unread: None,
    }
}

fn user(name: &str) -> UserEntry {
    UserEntry {
        arn: UserArn::from_server(&format!("arn:aws:iam::112233445566:user/{name}")),
        name: name.to_owned(),
        path: "/".to_owned(),
        created_at: None,
        boundary: None,
        attached: Vec::new(),
        inline: BTreeMap::new(),
        groups: Vec::new(),
        tags: BTreeMap::new(),
        keys: None,
        has_password: None,
        unread: None,
    }
}

fn arns(list: &[PolicyArn]) -> Vec<&str> {
    list.iter().map(PolicyArn::as_str).collect()
}

#[tokio::test]
async fn a_page_of_everything_is_taken_over_whole() {
    let (trust, pull) = (encoded(TRUST), encoded(r#"{"Action":"ecr:Get*"}"#));
    let page = format!(
        "<IsTruncated>true</IsTruncated><Marker>m+2/=</Marker>\
         <UserDetailList><member><Path>/</Path><UserName>robot</UserName><UserId>AIDA</UserId>\
         <Arn>arn:aws:iam::112233445566:user/robot</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate>\
         <GroupList><member>pullers</member></GroupList><UserPolicyList><member><PolicyName>u</PolicyName>\
         <PolicyDocument>{pull}</PolicyDocument></member></UserPolicyList></member></UserDetailList>\
         <GroupDetailList><member><GroupName>pullers</GroupName><GroupPolicyList><member><PolicyName>g</PolicyName>\
         <PolicyDocument>{pull}</PolicyDocument></member></GroupPolicyList><AttachedManagedPolicies><member>\
         <PolicyName>own</PolicyName><PolicyArn>arn:aws:iam::112233445566:policy/own</PolicyArn></member>\
         </AttachedManagedPolicies></member></GroupDetailList>\
         <RoleDetailList><member><Path>/okteto/</Path><RoleName>pull</RoleName><RoleId>AROA</RoleId>\
         <Arn>arn:aws:iam::112233445566:role/okteto/pull</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate>\
         <AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument><RolePolicyList><member><PolicyName>p</PolicyName>\
         <PolicyDocument>{pull}</PolicyDocument></member></RolePolicyList><AttachedManagedPolicies><member>\
         <PolicyName>AmazonEC2ContainerRegistryReadOnly</PolicyName>\
         <PolicyArn>arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly</PolicyArn></member>\
         </AttachedManagedPolicies><PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType>\
         <PermissionsBoundaryArn>arn:aws:iam::112233445566:policy/edge</PermissionsBoundaryArn></PermissionsBoundary>\
         <Tags><member><Key>owner</Key><Value>a&#x202E;b&#xD;&#x9;c&#x200F;</Value></member></Tags>\
         <RoleLastUsed><LastUsedDate>2024-06-10T00:00:00Z</LastUsedDate><Region>eu-west-1</Region></RoleLastUsed>\
         </member><member><Path>/</Path><RoleName>idle</RoleName><RoleId>AROB</RoleId>\
         <Arn>arn:aws:iam::112233445566:role/idle</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate>\
         <AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument><RoleLastUsed/></member></RoleDetailList>\
         <Policies><member><PolicyName>own</PolicyName><Arn>arn:aws:iam::112233445566:policy/own</Arn>\
         <DefaultVersionId>v1</DefaultVersionId><PolicyVersionList><member><Document>%7B%7D</Document>\
         <VersionId>v2</VersionId><IsDefaultVersion>false</IsDefaultVersion></member><member>\
         <Document>{pull}</Document><VersionId>v1</VersionId><IsDefaultVersion>true</IsDefaultVersion></member>\
         </PolicyVersionList></member></Policies>"
    );
    let (url, requests) = peer(move |_| details(&page));
    let page = aws(&url).0.details(Some("m 1/=")).await.unwrap();

    let request = requests.lock().unwrap()[0].clone();
    for sent in [
        "Marker=m+1%2F%3D",
        "MaxItems=1000",
        "Filter.member.1=Role",
        "Filter.member.2=User",
        "Filter.member.3=Group",
        "Filter.member.4=LocalManagedPolicy",
    ] {
        let is_sent = request.contains(sent) || request.contains(&sent.replace('+', "%20"));
        assert!(is_sent, "{sent} in {request}");
    }
    assert_eq!(page.more.as_deref(), Some("m+2/="));
    let [pull, idle] = &page.roles[..] else { panic!("{page:?}") };
    assert_eq!((pull.name.as_str(), pull.path.as_str()), ("pull", "/okteto/"));
    assert_eq!(pull.arn.as_str(), "arn:aws:iam::112233445566:role/okteto/pull");
    assert_eq!(pull.trust, TRUST);
    assert_eq!(pull.created_at, Some(1_704_067_200));
    assert_eq!(pull.max_session_seconds, None);
    assert_eq!(pull.boundary.as_ref().unwrap().name(), "edge");
    assert_eq!(
        arns(&pull.attached),
        ["arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"]
    );
    assert_eq!(pull.inline["p"], r#"{"Action":"ecr:Get*"}"#);
    assert_eq!(pull.tags["owner"], "a\u{202E}b\r\tc\u{200F}");
    assert_eq!(pull.last_use, LastUse::At(1_717_977_600, "eu-west-1".to_owned()));
    assert_eq!((&pull.unread, &idle.unread), (&None, &None));
    assert_eq!(idle.last_use, LastUse::Never);
    let [robot] = &page.users[..] else { panic!("{page:?}") };
    assert_eq!(robot.groups, ["pullers"]);
    assert_eq!(robot.inline.keys().collect::<Vec<_>>(), ["u"]);
    assert_eq!((&robot.keys, robot.has_password, &robot.unread), (&None, None, &None));
    let [group] = &page.groups[..] else { panic!("{page:?}") };
    assert_eq!((group.name.as_str(), group.inline.len(), group.attached.len()), ("pullers", 1, 1));
    let policies: Vec<_> = page.policies.into_iter().collect();
    let own = PolicyArn::from_server("arn:aws:iam::112233445566:policy/own");
    assert_eq!(policies, [(own, r#"{"Action":"ecr:Get*"}"#.to_owned())]);
}

#[tokio::test]
async fn an_odd_entry_says_so_and_spoils_nothing() {
    let trust = encoded("{}");
    let member = |inner: &str| {
        format!(
            "<member>{inner}<AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument></member>"
        )
    };
    let good = member("<RoleName>good</RoleName><Arn>arn:aws:iam::112233445566:role/good</Arn>");
    let list = [
        // Just after it was made: AWS may give the unique id (terraform-provider-aws, `role.go`).
        member("<RoleName>new</RoleName><Arn>AROAEXAMPLE</Arn>"),
        member("<Arn>arn:aws:iam::112233445566:role/a/b/nameless</Arn>"),
        member(""),
        member("<RoleName>policy</RoleName><Arn>arn:aws:iam::112233445566:policy/p</Arn>"),
        "<member><RoleName>trustless</RoleName><Arn>arn:aws:iam::112233445566:role/trustless</Arn></member>"
            .to_owned(),
        member(
            "<RoleName>blank</RoleName><Arn>arn:aws:iam::112233445566:role/blank</Arn><RolePolicyList><member>\
             <PolicyName>p</PolicyName></member></RolePolicyList>",
        ),
        member(
            "<RoleName>strange</RoleName><Arn>arn:aws:iam::112233445566:role/strange</Arn><AttachedManagedPolicies>\
             <member><PolicyName>p</PolicyName></member><member><PolicyArn>nowhere</PolicyArn></member>\
             </AttachedManagedPolicies>",
        ),
        "<member/>".to_owned(),
        good,
    ]
    .concat();
    let (url, _) = peer(move |_| {
        details(&format!(
            "<RoleDetailList>{list}</RoleDetailList><UserDetailList><member/></UserDetailList>"
        ))
    });
    let page = aws(&url).0.details(None).await.unwrap();
    let told: Vec<(&str, &str)> = page
        .roles
        .iter()
        .map(|role| {
            let unread = role.unread.as_ref().map_or("", |fault| fault.message.as_str());
            assert!(!unread.is_empty() || role.name == "good", "{role:?}");
            (role.name.as_str(), unread)
        })
        .collect();
    let wanted = [
        ("new", "strange ARN"),
        ("nameless", "without a name"),
        ("", "strange ARN"),
        ("policy", "strange ARN"),
        ("trustless", "without a trust policy"),
        ("blank", "an inline policy without its text"),
        ("strange", "an attached policy without an ARN"),
        ("", "strange ARN"),
        ("good", ""),
    ];
    for ((name, told), (wanted, why)) in told.iter().zip(wanted) {
        assert_eq!(*name, wanted);
        assert!(told.contains(why), "{name}: {told}");
    }
    assert_eq!(told.len(), wanted.len());
    assert_eq!(page.roles[1].path, "/a/b/");
    assert_eq!(page.roles[0].trust, "{}");
    // An ARN that means nothing here is kept: what it allows is not known, which is not nothing.
    assert_eq!(arns(&page.roles[6].attached), ["nowhere"]);
    assert!(page.users[0].unread.is_some());
    assert_eq!(page.more, None);
}

#[tokio::test]
async fn more_is_where_the_next_page_is_and_never_this_one_again() {
    for (rest, more) in [
        ("<IsTruncated>false</IsTruncated><Marker>m</Marker>", Ok(None)),
        ("<Marker>m</Marker>", Ok(None)),
        ("<IsTruncated>true</IsTruncated><Marker>next</Marker>", Ok(Some("next".to_owned()))),
        ("<IsTruncated>true</IsTruncated>", Err(())),
        ("<IsTruncated>true</IsTruncated><Marker></Marker>", Err(())),
        ("<IsTruncated>true</IsTruncated><Marker>this</Marker>", Err(())),
    ] {
        let (url, _) = peer(move |request| answer(&action(request), rest));
        let aws = aws(&url).0;
        for page in [
            aws.details(Some("this")).await,
            aws.roles(Some("this")).await,
            aws.users(Some("this")).await,
        ] {
            let page = page.map(|page| page.more).map_err(|fault| {
                assert_eq!(fault.cause, Cause::Unexplained);
                assert!(fault.message.contains("not the whole account"), "{fault}");
            });
            assert_eq!(page, more, "{rest}");
        }
    }
}

#[tokio::test]
async fn what_is_refused_names_its_action_and_what_is_throttled_can_wait() {
    let (url, _) = peer(|request| refused(&action(request)));
    let aws_denied = aws(&url).0;
    let arn = PolicyArn::from_server("arn:aws:iam::112233445566:policy/own");
    for (name, fault) in [
        ("GetAccountAuthorizationDetails", aws_denied.details(None).await.unwrap_err()),
        ("ListRoles", aws_denied.roles(None).await.unwrap_err()),
        ("ListUsers", aws_denied.users(None).await.unwrap_err()),
        ("GetPolicy", aws_denied.policy(&arn).await.unwrap_err()),
        ("ListOpenIDConnectProviders", aws_denied.providers().await.unwrap_err()),
        ("GetAccountSummary", aws_denied.summary().await.unwrap_err()),
    ] {
        assert_eq!(fault.cause, Cause::PermissionDenied, "{fault:?}");
        assert_eq!(fault.evidence["action"], format!("iam:{name}"));
        assert!(!format!("{fault:?}").contains("operator-secret"));
    }
    assert!(aws_denied.group("g").await.is_err());
    let (url, requests) = peer(|_| xml_error(400, "Throttling", "Rate exceeded"));
    let fault = aws(&url).0.details(None).await.unwrap_err();
    assert_eq!((fault.cause, fault.waiting_helps()), (Cause::Throttled, true));
    // The tests' client does not try again, so that anything more would be tries of this code's own.
    assert_eq!(requests.lock().unwrap().len(), 1);
}

/// A role of which all can be read, but for these actions.
fn half_denied(denied: &'static [&'static str]) -> impl Fn(&str) -> Reply + Send + Sync {
    move |request| {
        let action = action(request);
        if denied.contains(&action.as_str()) {
            return refused(&action);
        }
        let document = encoded("{\"a\":\"b+c\"}");
        let result = match action.as_str() {
            "GetRole" => format!(
                "<Role><Path>/</Path><RoleName>r</RoleName><RoleId>AROA</RoleId><Arn>arn:aws:iam::112233445566:role/r</Arn>\
                 <CreateDate>2024-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>{document}\
                 </AssumeRolePolicyDocument><MaxSessionDuration>43200</MaxSessionDuration><Tags><member><Key>k</Key>\
                 <Value>v</Value></member></Tags><PermissionsBoundary><PermissionsBoundaryArn>boundary\
                 </PermissionsBoundaryArn></PermissionsBoundary></Role>"
            ),
            "GetUser" => "<User><Path>/</Path><UserName>u</UserName><UserId>AIDA</UserId>\
                 <Arn>arn:aws:iam::112233445566:user/u</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate><Tags><member>\
                 <Key>k</Key><Value>v</Value></member></Tags></User>"
                .to_owned(),
            "ListAttachedRolePolicies" | "ListAttachedUserPolicies" | "ListAttachedGroupPolicies" => {
                "<AttachedPolicies><member><PolicyArn>arn:aws:iam::aws:policy/P</PolicyArn></member></AttachedPolicies>"
                    .to_owned()
            }
            "ListRolePolicies" | "ListUserPolicies" | "ListGroupPolicies" => {
                "<PolicyNames><member>one</member><member>two</member></PolicyNames>".to_owned()
            }
            "GetRolePolicy" | "GetUserPolicy" | "GetGroupPolicy" => {
                if request.contains("PolicyName=two") && denied.contains(&"two") {
                    return refused(&action);
                }
                if request.contains("PolicyName=two") && denied.contains(&"two is gone") {
                    return xml_error(404, "NoSuchEntity", "gone");
                }
                format!("<PolicyDocument>{document}</PolicyDocument>")
            }
            "ListGroupsForUser" => "<Groups><member><Path>/</Path><GroupName>g</GroupName><GroupId>AGPA</GroupId>\
                 <Arn>arn:aws:iam::112233445566:group/g</Arn><CreateDate>2024-01-01T00:00:00Z</CreateDate></member></Groups>"
                .to_owned(),
            "ListAccessKeys" => "<AccessKeyMetadata><member><AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId>\
                 <Status>Active</Status><CreateDate>2024-01-01T00:00:00Z</CreateDate></member></AccessKeyMetadata>"
                .to_owned(),
            "GetAccessKeyLastUsed" => "<UserName>u</UserName><AccessKeyLastUsed><ServiceName>N/A</ServiceName>\
                 <Region>N/A</Region></AccessKeyLastUsed>"
                .to_owned(),
            "GetLoginProfile" => return xml_error(404, "NoSuchEntity", "Login Profile for User u cannot be found."),
            other => panic!("{other}"),
        };
        answer(&action, &result)
    }
}

#[tokio::test]
async fn of_a_role_that_may_be_read_in_part_that_part_is_there() {
    for denied in [
        &[][..],
        &["GetRole"],
        &["ListAttachedRolePolicies"],
        &["ListRolePolicies"],
        &["two"],
        &["GetRole", "ListAttachedRolePolicies", "ListRolePolicies"],
    ] {
        let (url, _) = peer(half_denied(denied));
        let read = aws(&url).0.role(role("r")).await;
        let has = |what: &str| !denied.contains(&what);
        assert_eq!(read.unread.is_none(), denied.is_empty(), "{denied:?}: {:?}", read.unread);
        if let Some(fault) = &read.unread {
            let first = if denied == ["two"] { "GetRolePolicy" } else { denied[0] };
            assert_eq!(fault.evidence["action"], format!("iam:{first}"));
        }
        assert_eq!(read.tags.contains_key("k"), has("GetRole"));
        assert_eq!(read.boundary.is_some(), has("GetRole"));
        assert_eq!(read.last_use == LastUse::Never, has("GetRole"));
        assert_eq!(read.max_session_seconds, Some(if has("GetRole") { 43_200 } else { 7200 }));
        assert_eq!(read.trust, if has("GetRole") { "{\"a\":\"b+c\"}" } else { "{}" });
        assert_eq!(read.attached.len(), usize::from(has("ListAttachedRolePolicies")));
        let inline: Vec<_> = read.inline.keys().map(String::as_str).collect();
        let wanted: &[&str] = match (has("ListRolePolicies"), has("two")) {
            (false, _) => &[],
            (true, true) => &["one", "two"],
            (true, false) => &["one"],
        };
        assert_eq!(inline, wanted);
        assert!(read.inline.values().all(|text| text == "{\"a\":\"b+c\"}"));
    }
    // What has gone since it was listed is no fault.
    let (url, _) = peer(half_denied(&["two is gone"]));
    let read = aws(&url).0.role(role("r")).await;
    assert_eq!((read.inline.len(), read.unread), (1, None));
}

#[tokio::test]
async fn a_role_that_has_gone_says_so_and_one_without_a_name_is_not_asked_for() {
    let (url, requests) =
        peer(|_| xml_error(404, "NoSuchEntity", "The role with name r cannot be found."));
    let aws = aws(&url).0;
    assert_eq!(aws.role(role("r")).await.unread.unwrap().cause, Cause::RoleMissing);
    requests.lock().unwrap().clear();
    assert_eq!(aws.role(role("")).await, role(""));
    // AWS would answer these with the caller's own.
    assert_eq!(aws.user(user("")).await, user(""));
    assert_eq!(aws.login(user("")).await, user(""));
    assert!(requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_earlier_fault_stays_the_first() {
    let (url, _) = peer(half_denied(&["GetRole", "GetUser"]));
    let earlier = Fault::new(Cause::Unexplained, "a strange ARN");
    let listed = RoleEntry { unread: Some(earlier.clone()), ..role("r") };
    assert_eq!(aws(&url).0.role(listed).await.unread, Some(earlier.clone()));
    let listed = UserEntry { unread: Some(earlier.clone()), ..user("u") };
    assert_eq!(aws(&url).0.user(listed).await.unread, Some(earlier));
}

#[tokio::test]
async fn users_and_groups_are_read_as_roles_are() {
    let (url, _) = peer(half_denied(&["ListGroupsForUser"]));
    let read = aws(&url).0.user(user("u")).await;
    assert_eq!(read.unread.unwrap().evidence["action"], "iam:ListGroupsForUser");
    assert_eq!((read.attached.len(), read.inline.len(), read.groups.len()), (1, 2, 0));
    assert_eq!(read.tags["k"], "v");
    let (url, _) = peer(half_denied(&[]));
    let read = aws(&url).0.user(user("u")).await;
    assert_eq!((read.groups, read.unread, read.keys), (vec!["g".to_owned()], None, None));
    let group = aws(&url).0.group("g").await.unwrap().unwrap();
    assert_eq!((group.attached.len(), group.inline["one"].as_str()), (1, "{\"a\":\"b+c\"}"));
    let (url, _) = peer(half_denied(&["two"]));
    assert_eq!(aws(&url).0.group("g").await.unwrap_err().cause, Cause::PermissionDenied);
    let (url, _) =
        peer(|_| xml_error(404, "NoSuchEntity", "The group with name g cannot be found."));
    assert_eq!(aws(&url).0.group("g").await.unwrap(), None);
}

#[tokio::test]
async fn how_a_user_logs_in_is_known_as_far_as_it_may_be_read() {
    let (url, _) = peer(half_denied(&[]));
    let read = aws(&url).0.login(user("u")).await;
    let keys = read.keys.unwrap();
    assert_eq!((keys.len(), &keys[0].last_use), (1, &LastUse::Never));
    assert_eq!((read.has_password, read.unread), (Some(false), None));
    let (url, _) = peer(half_denied(&["GetAccessKeyLastUsed"]));
    let read = aws(&url).0.login(user("u")).await;
    assert_eq!(read.keys.unwrap()[0].last_use, LastUse::Unknown);
    assert_eq!(read.unread.unwrap().evidence["action"], "iam:GetAccessKeyLastUsed");
    let (url, _) = peer(half_denied(&["ListAccessKeys", "GetLoginProfile"]));
    let read = aws(&url).0.login(user("u")).await;
    assert_eq!((read.keys, read.has_password), (None, None));
    assert_eq!(read.unread.unwrap().evidence["action"], "iam:ListAccessKeys");
}

#[tokio::test]
async fn a_policy_is_that_of_the_version_in_force_or_none() {
    let arn = PolicyArn::from_server("arn:aws:iam::112233445566:policy/own");
    let (url, requests) = peer(|request| match action(request).as_str() {
        "GetPolicy" => {
            answer("GetPolicy", "<Policy><DefaultVersionId>v7</DefaultVersionId></Policy>")
        }
        _ => answer(
            "GetPolicyVersion",
            "<PolicyVersion><Document>%7B%22a%22%3A%22b+c%2B%22%7D</Document></PolicyVersion>",
        ),
    });
    assert_eq!(aws(&url).0.policy(&arn).await.unwrap().unwrap(), "{\"a\":\"b+c+\"}");
    assert!(requests.lock().unwrap()[1].contains("VersionId=v7"));
    let (url, _) = peer(|_| xml_error(404, "NoSuchEntity", "Policy was not found."));
    assert_eq!(aws(&url).0.policy(&arn).await.unwrap(), None);
    let (url, _) = peer(|request| answer(&action(request), ""));
    assert!(aws(&url).0.policy(&arn).await.unwrap_err().message.contains("policy/own"));
}

#[tokio::test]
async fn every_provider_is_there_or_why_it_is_not_and_few_are_asked_for_at_once() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (in_flight, seen) = (Arc::clone(&now), Arc::clone(&most));
    let arn =
        |number: usize| format!("arn:aws:iam::112233445566:oidc-provider/{number}.example.com");
    let (url, _) = peer(move |request| {
        if request.contains("Action=ListOpenIDConnectProviders") {
            let list: Vec<String> =
                (0..9).map(|n| format!("<member><Arn>{}</Arn></member>", arn(n))).collect();
            let list = list.concat();
            let list = format!("<OpenIDConnectProviderList>{list}</OpenIDConnectProviderList>");
            return answer("ListOpenIDConnectProviders", &list);
        }
        seen.fetch_max(in_flight.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        // Long enough for whatever else is sent at once to come in.
        std::thread::park_timeout(Duration::from_millis(40));
        in_flight.fetch_sub(1, Ordering::SeqCst);
        if request.contains("3.example.com") {
            return refused("GetOpenIDConnectProvider");
        }
        if request.contains("4.example.com") {
            return xml_error(404, "NoSuchEntity", "gone");
        }
        answer(
            "GetOpenIDConnectProvider",
            "<Url>x</Url><ClientIDList><member>a</member></ClientIDList>",
        )
    });
    let read = aws(&url).0.providers().await.unwrap();
    assert_eq!(read.len(), 8);
    let hosts: BTreeSet<_> = read.iter().map(|(arn, _)| arn.name().to_owned()).collect();
    assert!(!hosts.contains("4.example.com"));
    for (arn, provider) in &read {
        match provider {
            Ok(provider) => assert_eq!(provider.audiences, ["a"]),
            Err(fault) => {
                assert_eq!(arn.name(), "3.example.com");
                assert_eq!(fault.cause, Cause::PermissionDenied);
            }
        }
    }
    assert_eq!(most.load(Ordering::SeqCst), super::super::survey::AT_ONCE);
}

#[tokio::test]
async fn the_figures_come_by_their_names() {
    let (url, _) = peer(|_| {
        answer(
            "GetAccountSummary",
            "<SummaryMap><entry><key>AccountAccessKeysPresent</key><value>1</value></entry><entry><key>NewFigure</key>\
             <value>7</value></entry></SummaryMap>",
        )
    });
    let summary = aws(&url).0.summary().await.unwrap();
    assert_eq!(summary.get("AccountAccessKeysPresent"), Some(1));
    assert_eq!((summary.get("NewFigure"), summary.get("Roles")), (Some(7), None));
}

#[tokio::test]
async fn a_repositorys_policy_is_asked_for_in_its_account_and_region() {
    let host = RegistryHost::classic(
        AccountId::parse("999988887777").unwrap(),
        Region::parse("eu-central-1").unwrap(),
    );
    let (url, requests) =
        peer(|_| Reply::Answer(200, r#"{"policyText":"{\"Version\":\"2012-10-17\"}"}"#.to_owned()));
    let policy = aws(&url).0.repository_policy(&host, "team/app").await.unwrap();
    assert_eq!(policy.as_deref(), Some(r#"{"Version":"2012-10-17"}"#));
    let request = requests.lock().unwrap()[0].clone();
    for sent in
        [r#""registryId":"999988887777""#, r#""repositoryName":"team/app""#, "/eu-central-1/ecr/"]
    {
        assert!(request.contains(sent), "{sent} in {request}");
    }
    for (code, cause) in [
        ("RepositoryPolicyNotFoundException", None),
        ("RepositoryNotFoundException", Some(Cause::RepositoryMissing)),
        ("AccessDeniedException", Some(Cause::PermissionDenied)),
    ] {
        let (url, _) = peer(move |_| json_error(400, code, "no"));
        let read = aws(&url).0.repository_policy(&host, "team/app").await;
        match cause {
            None => assert_eq!(read.unwrap(), None),
            Some(cause) => assert_eq!(read.unwrap_err().cause, cause),
        }
    }
}
