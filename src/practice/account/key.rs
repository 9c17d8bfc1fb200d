//! Access keys as every service meets them.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};

use super::refusal::Refusal;
use super::state::fold;
use super::{Account, Principal, Service};

impl Account {
    /// The secret of a key, and whose it is; the signature is still to be held against the secret.
    ///
    /// # Errors
    /// AWS does not tell an unknown key from an inactive or expired one, nor from a temporary key without its session
    /// token: the token is invalid. It does tell a session that has ended. Sources: IAM user guide, "Troubleshoot" and
    /// the SDKs' reports of the codes; for ECR `UnrecognizedClientException` and `ExpiredTokenException` come with 400,
    /// as from every JSON 1.1 service. That a session token beside a long-term key is refused alike is not documented:
    /// the strict reading.
    pub fn key(
        &self,
        now: Timestamp,
        service: Service,
        access_key_id: &str,
        session_token: Option<&str>,
    ) -> Result<(SecretString, Principal), Refusal> {
        let found = self.state.keys.get(access_key_id).filter(|key| {
            let token = key.session.as_ref().map(|(token, _)| token.expose_secret());
            key.status.seen(now) == Some(&Some("Active")) && token == session_token
        });
        let key = found.ok_or_else(|| invalid(service))?;
        if key.session.as_ref().is_some_and(|(_, end)| *end <= now) {
            return Err(Refusal::session_ended(service));
        }
        // Credentials of a role that was deleted, or made anew, are nobody's.
        self.state.papers(&key.of, now).ok_or_else(|| invalid(service))?;
        Ok((key.secret.clone(), key.of.clone()))
    }

    /// Notes what a key was last used for, and when and where its role was.
    pub fn note_use(
        &mut self,
        now: Timestamp,
        service: Service,
        access_key_id: &str,
        region: &str,
    ) {
        let Some(key) = self.state.keys.get_mut(access_key_id) else { return };
        let name = match service {
            Service::Iam => "iam",
            Service::Sts => "sts",
            Service::Ecr => "ecr",
        };
        key.last_used = Some((now, name.to_owned(), region.to_owned()));
        if let Principal::Session { role, .. } = &key.of
            && let Some(role) = self.state.roles.get_mut(&fold(role))
        {
            role.last_used = Some((now, region.to_owned()));
        }
    }

    /// An active long-term key of a user, such as the scene's users have from the start.
    #[must_use]
    pub fn credentials(&self, user: &str) -> Option<(String, SecretString)> {
        self.state
            .keys
            .iter()
            .find(|(_, key)| {
                key.session.is_none()
                    && key.status.latest() == Some(&Some("Active"))
                    && matches!(&key.of, Principal::User(name) if fold(name) == fold(user))
            })
            .map(|(id, key)| (id.clone(), key.secret.clone()))
    }
}

fn invalid(service: Service) -> Refusal {
    let code = match service {
        Service::Iam | Service::Sts => "InvalidClientTokenId",
        Service::Ecr => "UnrecognizedClientException",
    };
    Refusal::new(code, "The security token included in the request is invalid.")
}
