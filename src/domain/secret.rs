//! Values that must not be printed. Each wraps a `secrecy` type, so `Debug` shows nothing of it.

use secrecy::zeroize::{Zeroize, Zeroizing};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::fault::{Cause, Fault};
use super::key::KeyId;

/// A web identity token: the signed JWT of a service account. 4 to 20,000 characters (STS model).
#[derive(Debug, Clone)]
pub struct WebToken(pub SecretString);

impl WebToken {
    /// Wraps a token as read from a file, a paste or the cluster; surrounding white space is dropped.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(SecretString::from(text.trim().to_owned()))
    }

    /// The token itself. Named so that a search finds every place that uses it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// What signs a call: of a session, or of a user.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Access key id. Not secret by itself.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: SecretString,
    /// The session token that must go with every call of temporary credentials.
    pub session_token: Option<SecretString>,
}

/// The access key of a user with its secret, which AWS tells once.
#[derive(Debug, Clone)]
pub struct AccessKey {
    /// Its id.
    pub id: KeyId,
    /// Its secret.
    pub secret: SecretString,
}

/// Temporary credentials of an assumed role.
#[derive(Debug, Clone)]
pub struct Session {
    /// What signs.
    pub credentials: Credentials,
    /// When the credentials end, RFC 3339.
    pub expires: String,
    /// ARN of the assumed role session, as STS reports it.
    pub assumed_arn: String,
    /// `SubjectFromWebIdentityToken`, `Audience`, `Provider` as STS read them from the token.
    pub seen: SeenIdentity,
}

/// What STS says it read in the token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenIdentity {
    /// `sub` of the token.
    pub subject: Option<String>,
    /// `aud` (or `azp`) of the token.
    pub audience: Option<String>,
    /// `iss` of the token.
    pub provider: Option<String>,
}

/// A registry login: the base64 of `AWS:PASSWORD` as ECR hands it out, sent unchanged after `Basic `.
#[derive(Debug, Clone)]
pub struct Login {
    /// The token of `GetAuthorizationToken`.
    pub token: SecretString,
    /// Its stated end, RFC 3339.
    pub expires: Option<String>,
    /// Whether the stated end has already passed by the clock of this machine.
    pub stale: bool,
}

/// Takes a secret over and wipes where it stood: a `String` that only moves may leave a copy behind when it shrinks.
#[must_use]
pub fn taken(mut text: String) -> SecretString {
    let secret = SecretString::from(text.as_str());
    text.zeroize();
    secret
}

/// The variables of the two lines that a key is kept in, those of the AWS CLI.
const VARIABLES: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

impl AccessKey {
    /// The two lines of a key's file.
    #[must_use]
    pub fn print(&self) -> SecretString {
        let [id, secret] = VARIABLES;
        let text = format!("{id}={}\n{secret}={}\n", self.id, self.secret.expose_secret());
        taken(text)
    }

    /// Reads the two lines of a key's file, in any order, also with `export` and quotes as they stand in a shell.
    ///
    /// # Errors
    /// `file`: a line is missing, or what stands there is none. The text is never repeated.
    pub fn read(text: &str) -> Result<Self, Fault> {
        if text.trim_start().starts_with('{') {
            return Self::of_reply(text);
        }
        let [id, secret] = VARIABLES.map(|name| {
            let value = |line: &str| {
                let line = line.trim();
                let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
                let value = line.strip_prefix(name)?.trim_start().strip_prefix('=')?.trim();
                Some(Zeroizing::new(value.trim_matches(['"', '\'']).to_owned()))
            };
            text.lines().find_map(value).filter(|value| !value.is_empty())
        });
        let (Some(id), Some(secret)) = (id, secret) else {
            return Err(malformed("one of the two lines is missing"));
        };
        let id = KeyId::parse(&id).map_err(|problem| malformed(&problem.what))?;
        if secret.chars().any(|c| !c.is_ascii_graphic()) {
            return Err(malformed("what stands in the place of the secret is none"));
        }
        Ok(Self { id, secret: SecretString::from(secret.as_str()) })
    }

    /// Reads the reply of `aws iam create-access-key`.
    fn of_reply(text: &str) -> Result<Self, Fault> {
        #[derive(Deserialize)]
        struct Reply<'a> {
            #[serde(borrow, rename = "AccessKey")]
            key: Key<'a>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Key<'a> {
            access_key_id: &'a str,
            secret_access_key: &'a str,
        }
        let reply: Reply<'_> = serde_json::from_str(text).map_err(|error| {
            malformed(&format!("column {} is not as in AWS's reply", error.column()))
        })?;
        let id = KeyId::parse(reply.key.access_key_id).map_err(|p| malformed(&p.what))?;
        Ok(Self { id, secret: SecretString::from(reply.key.secret_access_key) })
    }

    /// What signs with it.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials {
            access_key_id: self.id.as_str().to_owned(),
            secret_access_key: self.secret.clone(),
            session_token: None,
        }
    }
}

fn malformed(why: &str) -> Fault {
    let [id, secret] = VARIABLES;
    Fault::new(Cause::File, format!("this is no access key: {why}"))
        .remedy(format!("give two lines, {id}=… and {secret}=…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    #[test]
    fn a_key_is_read_as_it_was_printed_and_as_a_shell_has_it() {
        let key = AccessKey {
            id: KeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap(),
            secret: SecretString::from(SECRET),
        };
        let printed = key.print();
        let shell = format!(
            "# made today\r\nexport AWS_SECRET_ACCESS_KEY=\"{SECRET}\"\r\n AWS_ACCESS_KEY_ID = '{}'\n",
            key.id
        );
        for text in [printed.expose_secret(), &shell] {
            let read = AccessKey::read(text).unwrap();
            assert_eq!((read.id, read.secret.expose_secret()), (key.id.clone(), SECRET));
        }
        assert!(!format!("{key:?}").contains(SECRET));
    }

    #[test]
    fn the_reply_of_the_aws_cli_is_read() {
        let reply = format!(
            r#"{{ "AccessKey": {{ "UserName": "u", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active", "SecretAccessKey": "{SECRET}" }} }}"#
        );
        let key = AccessKey::read(&reply).unwrap();
        assert_eq!((key.id.as_str(), key.secret.expose_secret()), ("AKIAIOSFODNN7EXAMPLE", SECRET));
        let fault = AccessKey::read(&reply.replace("AKIA", "!")).unwrap_err();
        assert!(!format!("{fault:?}").contains(SECRET));
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        for text in [
            "",
            "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n",
            "AWS_ACCESS_KEY_ID=wJalrXUtnFEMI/K7\nAWS_SECRET_ACCESS_KEY=wJalr\n",
            "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=wJalr XUtn\n",
        ] {
            let fault = AccessKey::read(text).unwrap_err();
            assert!(!format!("{fault:?}").contains("wJalr"), "{fault:?}");
        }
    }
}
