//! The revocations in memory, read without a lock on every request.

use std::hash::Hash;

use papaya::HashMap;
use tollgate_model::{
    Timestamp,
    id::{ClientId, GrantId, SessionId, TokenId},
    token::{AccessToken, Revocation, Revoked, UserSignIn},
};

/// Every revocation that still ends a token.
#[derive(Debug, Default)]
pub struct RevocationSet {
    tokens: HashMap<TokenId, Cut>,
    clients: HashMap<ClientId, Cut>,
    subjects: HashMap<Box<str>, Cut>,
    grants: HashMap<GrantId, Cut>,
    sessions: HashMap<SessionId, Cut>,
}

/// Tokens issued up to an instant are ended; from `expires_at` on there is none of them left.
#[derive(Debug, Clone, Copy)]
struct Cut {
    revoked_at: Timestamp,
    expires_at: Timestamp,
}

impl Cut {
    fn joined(self, other: Self) -> Self {
        Self { revoked_at: self.revoked_at.max(other.revoked_at), expires_at: self.expires_at.max(other.expires_at) }
    }
}

impl RevocationSet {
    /// Whether the token was ended before its time: by itself, or with all that its credential or its subject had
    /// been given until then.
    pub fn is_revoked(&self, token: &AccessToken) -> bool {
        let ends = |cut: &Cut| token.issued_at <= cut.revoked_at;
        self.tokens.pin().contains_key(&token.id)
            || self.clients.pin().get(&token.client_id).is_some_and(ends)
            || self.subjects.pin().get(token.subject.as_str()).is_some_and(ends)
            || token.sign_in.as_ref().is_some_and(|sign_in| self.ends_sign_in(sign_in, ends))
    }

    fn ends_sign_in(&self, sign_in: &UserSignIn, ends: impl Fn(&Cut) -> bool) -> bool {
        self.grants.pin().get(&sign_in.grant_id).is_some_and(&ends)
            || sign_in.session_id.as_ref().is_some_and(|id| self.sessions.pin().get(id).is_some_and(&ends))
    }

    /// How many revocations there are.
    pub fn len(&self) -> usize {
        self.tokens.len() + self.clients.len() + self.subjects.len() + self.grants.len() + self.sessions.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a revocation; when this returns, every reader sees it. Adding one again changes nothing.
    pub(crate) fn insert(&self, revocation: &Revocation) {
        let cut = Cut { revoked_at: revocation.revoked_at, expires_at: revocation.expires_at };
        match &revocation.revoked {
            Revoked::Token(id) => join(&self.tokens, id.clone(), cut),
            Revoked::Client(id) => join(&self.clients, id.clone(), cut),
            Revoked::Subject(subject) => join(&self.subjects, subject.as_str().into(), cut),
            Revoked::Grant(id) => join(&self.grants, id.clone(), cut),
            Revoked::Session(id) => join(&self.sessions, id.clone(), cut),
        }
    }

    /// Forgets the revocations of tokens that have ended by themselves.
    pub(crate) fn drop_expired(&self, now: Timestamp) {
        self.tokens.pin().retain(|_, cut| now < cut.expires_at);
        self.clients.pin().retain(|_, cut| now < cut.expires_at);
        self.subjects.pin().retain(|_, cut| now < cut.expires_at);
        self.grants.pin().retain(|_, cut| now < cut.expires_at);
        self.sessions.pin().retain(|_, cut| now < cut.expires_at);
    }
}

fn join<K: Hash + Eq>(cuts: &HashMap<K, Cut>, key: K, cut: Cut) {
    cuts.pin().update_or_insert(key, |old| old.joined(cut), cut);
}

#[cfg(test)]
mod tests {
    use tollgate_model::{Seconds, scope::ScopeSet, token::Actor};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn token(id: &str, client: &str, subject: &str, issued_at: Timestamp) -> AccessToken {
        AccessToken {
            id: id.parse().unwrap(),
            client_id: client.parse().unwrap(),
            subject: subject.to_owned(),
            actor: Actor::TechnicalAccount,
            organization_id: "0123456789ABCDEF01234567@AdobeOrg".parse().unwrap(),
            scope: ScopeSet::empty(),
            audience: Vec::new(),
            issued_at,
            expires_at: issued_at + Seconds::DAY,
            sign_in: None,
            key_thumbprint: None,
            acting_client: None,
        }
    }

    fn revocation(revoked: Revoked, revoked_at: Timestamp) -> Revocation {
        Revocation { revoked, revoked_at, expires_at: revoked_at + Seconds::DAY }
    }

    #[test]
    fn a_revoked_token_is_revoked_and_its_neighbours_are_not() {
        let set = RevocationSet::default();
        set.insert(&revocation(Revoked::Token("one".parse().unwrap()), NOW));
        assert!(set.is_revoked(&token("one", "a", "s", NOW)));
        assert!(!set.is_revoked(&token("two", "a", "s", NOW)));
    }

    #[test]
    fn a_revoked_credential_or_subject_ends_earlier_tokens_and_leaves_later_ones() {
        for revoked in [Revoked::Client("a".parse().unwrap()), Revoked::Subject("s".to_owned())] {
            let set = RevocationSet::default();
            set.insert(&revocation(revoked, NOW));
            assert!(set.is_revoked(&token("one", "a", "s", NOW - Seconds(1))));
            assert!(set.is_revoked(&token("two", "a", "s", NOW)));
            assert!(!set.is_revoked(&token("three", "a", "s", NOW + Seconds(1))));
            assert!(!set.is_revoked(&token("four", "b", "t", NOW - Seconds(1))));
        }
    }

    #[test]
    fn a_revoked_grant_or_session_ends_the_tokens_that_came_of_it_and_no_others() {
        let of = |grant: &str, session: Option<&str>, issued_at| AccessToken {
            sign_in: Some(UserSignIn {
                grant_id: grant.parse().unwrap(),
                session_id: session.map(|id| id.parse().unwrap()),
                authenticated_at: NOW,
            }),
            ..token("one", "a", "s", issued_at)
        };
        for revoked in [Revoked::Grant("g".parse().unwrap()), Revoked::Session("s".parse().unwrap())] {
            let set = RevocationSet::default();
            set.insert(&revocation(revoked, NOW));
            assert!(set.is_revoked(&of("g", Some("s"), NOW)));
            assert!(!set.is_revoked(&of("g", Some("s"), NOW + Seconds(1))));
            assert!(!set.is_revoked(&of("h", Some("t"), NOW)));
            assert!(!set.is_revoked(&of("h", None, NOW)));
            assert!(!set.is_revoked(&token("one", "a", "s", NOW)));
            set.drop_expired(NOW + Seconds::DAY);
            assert!(set.is_empty());
        }
    }

    #[test]
    fn an_older_revocation_never_shortens_a_newer_one() {
        let set = RevocationSet::default();
        let client = || Revoked::Client("a".parse().unwrap());
        set.insert(&revocation(client(), NOW));
        set.insert(&revocation(client(), NOW - Seconds(60)));
        assert!(set.is_revoked(&token("one", "a", "s", NOW - Seconds(1))));
        set.drop_expired(NOW + Seconds(86_399));
        assert_eq!(set.len(), 1);
        set.drop_expired(NOW + Seconds::DAY);
        assert!(set.is_empty());
    }
}
