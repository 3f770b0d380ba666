//! Signed-in browsers.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use tollgate_crypto::Digest;

use crate::{
    Invalid, Seconds, Timestamp,
    id::{SessionId, UserId},
};

/// How long a session lasts without use.
pub const SESSION_IDLE_MAX: Seconds = Seconds(7 * Seconds::DAY.0);
/// How long a session lasts in all; then the person signs in again.
pub const SESSION_LIFETIME: Seconds = Seconds(30 * Seconds::DAY.0);

/// How a person proved who they are, in the words of RFC 8176.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A password.
    Password,
    /// A one-time code of an authenticator application, or a recovery code.
    OneTimeCode,
    /// A passkey, with the device's own check of the person.
    Passkey,
    /// A sign-in at an upstream identity provider.
    Federated,
}

impl Method {
    const ALL: [Self; 4] = [Self::Password, Self::OneTimeCode, Self::Passkey, Self::Federated];

    /// The word that `amr` and the store use. A passkey is a key held in hardware; RFC 8176 has no word for federation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::OneTimeCode => "otp",
            Self::Passkey => "hwk",
            Self::Federated => "fed",
        }
    }
}

impl FromStr for Method {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|own| own.as_str() == text)
            .ok_or_else(|| Invalid::new("authentication method", text, "use pwd, otp, hwk or fed"))
    }
}

/// The ways in which a person proved who they are, each once, in the order in which they were used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Methods(Vec<Method>);

impl Methods {
    /// One way alone.
    pub fn one(method: Method) -> Self {
        Self(vec![method])
    }

    /// The same and one more.
    pub fn and(mut self, method: Method) -> Self {
        if !self.0.contains(&method) {
            self.0.push(method);
        }
        self
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Method> + '_ {
        self.0.iter().copied()
    }

    /// How much they prove together.
    pub fn assurance(&self) -> Assurance {
        if self.0.contains(&Method::Passkey) || self.0.len() > 1 {
            Assurance::MultiFactor
        } else {
            Assurance::OneFactor
        }
    }
}

impl fmt::Display for Methods {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, method) in self.0.iter().enumerate() {
            out.write_str(if position > 0 { " " } else { "" })?;
            out.write_str(method.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for Methods {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.split_ascii_whitespace().map(Method::from_str).collect::<Result<_, _>>().map(Self)
    }
}

/// How sure we are of the person: what `acr` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assurance {
    /// One proof.
    OneFactor,
    /// A passkey, or two proofs of different kinds.
    MultiFactor,
}

impl Assurance {
    /// The value of `acr` (the authentication context of ISO/IEC 29115, as OpenID Connect Core section 2 suggests).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneFactor => "1",
            Self::MultiFactor => "2",
        }
    }

    /// Reads a value of `acr_values`; `None` for one that nobody here can reach.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "1" => Some(Self::OneFactor),
            "2" => Some(Self::MultiFactor),
            _ => None,
        }
    }
}

/// One browser in which a person is signed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// The id that tokens carry as `sid`; it opens nothing.
    pub id: SessionId,
    /// What the cookie's secret is digested to.
    pub digest: Digest,
    /// Who is signed in.
    pub user_id: UserId,
    /// How they proved it.
    pub methods: Methods,
    /// When they last proved it.
    pub authenticated_at: Timestamp,
    /// When the session began.
    pub created_at: Timestamp,
    /// When it was last used, to within some minutes.
    pub last_seen_at: Timestamp,
    /// When it ends, whatever happens.
    pub expires_at: Timestamp,
    /// The address it was begun from.
    pub address: String,
    /// What the browser called itself, cut to 256 characters.
    pub user_agent: String,
}

impl Session {
    /// Whether it still opens anything.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at && now < self.last_seen_at + SESSION_IDLE_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_proofs_or_a_passkey_are_multi_factor_and_one_proof_twice_is_not() {
        let password = Methods::one(Method::Password);
        assert_eq!(password.clone().and(Method::Password).assurance(), Assurance::OneFactor);
        assert_eq!(password.and(Method::OneTimeCode).assurance(), Assurance::MultiFactor);
        assert_eq!(Methods::one(Method::Passkey).assurance(), Assurance::MultiFactor);
    }

    #[test]
    fn methods_are_stored_as_their_words() {
        let methods = Methods::one(Method::Password).and(Method::OneTimeCode);
        assert_eq!(methods.to_string(), "pwd otp");
        assert_eq!("pwd otp".parse::<Methods>().unwrap(), methods);
        assert!("pwd nonsense".parse::<Methods>().is_err());
    }
}
