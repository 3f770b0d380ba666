//! Who may pass: the key, then the token where one is demanded, and whether the two belong together and suffice.

use std::sync::Arc;

use http::{HeaderMap, header};
use tollgate_model::{
    Timestamp,
    client::ClientKind,
    secret::PlainSecret,
    service::{Authorization, KeyDemand},
    token::Actor,
};

use crate::{
    Shared,
    caller::{Caller, Subscription},
    error::{Code, Refused},
    possession::{Called, NotHeld},
    presented::{self, QueryCredentials},
    route::Route,
    snapshot::Snapshot,
    tokens::Remembered,
};

/// What a decision about a call reads.
pub(crate) struct Gatekeeper<'a> {
    pub(crate) gateway: &'a Shared,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) now: Timestamp,
}

/// A call that may pass.
pub(crate) struct Admitted {
    pub(crate) caller: Arc<Caller>,
    pub(crate) subscription: Arc<Subscription>,
    /// `None` when the service demands a key alone.
    pub(crate) token: Option<Arc<Remembered>>,
}

impl Gatekeeper<'_> {
    /// Lets a call to `route` pass, or says why not, in the order of the contract: key, subscription, token, scope.
    pub(crate) fn admit(
        &self,
        route: &Route,
        asked: &Called<'_>,
        query: &QueryCredentials<'_>,
    ) -> Result<Admitted, Refused> {
        let headers = asked.headers;
        let key = presented::key(headers, query)?;
        let Some(key) = key else {
            let detail = match route.service.key {
                KeyDemand::ClientId => "send the client id of a credential as header x-api-key or parameter api_key",
                KeyDemand::SecretKey => "send a secret key (tgk_...) of a credential as header x-api-key",
            };
            return Err(Refused::new(Code::KeyMissing, detail).challenge(route.challenge("")));
        };
        let caller = self.identify(route, key, headers)?;
        let Some(subscription) = caller.subscription(route).map(Arc::clone) else {
            let detail = format!(
                "credential {} is not subscribed to service {}; subscribe it in its project",
                caller.entry.client.id, route.service.code
            );
            return Err(Refused::new(Code::KeyInvalid, detail));
        };
        let token = if route.demands_token() { Some(self.verify(route, &caller, asked, query)?) } else { None };
        Ok(Admitted { caller, subscription, token })
    }

    /// The enabled credential that the key names, or proves.
    fn identify(&self, route: &Route, key: &str, headers: &HeaderMap) -> Result<Arc<Caller>, Refused> {
        let invalid = |detail| Refused::new(Code::KeyInvalid, detail);
        let find =
            |client_id: &str| self.snapshot.caller(client_id, &self.gateway.ledger, &self.gateway.usage, self.now);
        let is_proved = PlainSecret::looks_like_secret_key(key);
        let caller = if is_proved {
            let secret =
                PlainSecret::parse_secret_key(key).map_err(|_| invalid("the secret key is mistyped or incomplete"))?;
            let holder = self.snapshot.directory.secret_key(&secret.digest(&self.gateway.house.digest_key), self.now);
            let holder = holder.ok_or_else(|| invalid("the secret key is unknown, expired or deleted"))?;
            self.gateway.usage.note_secret(&holder.secret.id, self.now);
            find(holder.client.client.id.as_str())
        } else if route.service.key == KeyDemand::SecretKey {
            return Err(invalid("this service takes a secret key (tgk_...) of a credential, not its client id"));
        } else {
            find(key)
        };
        let caller = caller.ok_or_else(|| invalid("no credential has this client id"))?;
        if !caller.entry.is_enabled() {
            return Err(invalid("the credential or its organization is disabled"));
        }
        // Who proves itself is no page that copied a public key.
        if !is_proved {
            check_origin(&caller, headers)?;
        }
        Ok(caller)
    }

    /// The good token of the same credential, with scope enough.
    fn verify(
        &self,
        route: &Route,
        caller: &Caller,
        asked: &Called<'_>,
        query: &QueryCredentials<'_>,
    ) -> Result<Arc<Remembered>, Refused> {
        let shown = presented::token(asked.headers, query)?;
        let shown = shown.ok_or_else(|| {
            let detail = "send an access token as header Authorization: Bearer";
            Refused::new(Code::TokenMissing, detail).challenge(route.challenge(""))
        })?;
        let remembered = self
            .gateway
            .tokens
            .verify(&self.gateway.house, &self.snapshot.directory, shown.token, self.now)
            .map_err(|refusal| {
                let detail = refusal.to_string();
                let challenge = route.challenge(&format!("error=\"invalid_token\", error_description=\"{detail}\", "));
                Refused::new(Code::TokenInvalid, detail).challenge(challenge)
            })?;
        let facts = remembered.token();
        self.gateway
            .proofs
            .check(shown, facts, asked, (route, &self.gateway.house.instance), self.now)
            .map_err(|refusal| not_held(route, &refusal))?;
        let out_of_context = |detail| {
            Refused::new(Code::TokenOutOfContext, detail).challenge(route.challenge("error=\"invalid_token\", "))
        };
        if facts.client_id != caller.entry.client.id {
            return Err(out_of_context(
                "the token was issued to another credential than the API key names; send the key of the token's credential",
            ));
        }
        if route.service.authorization == Authorization::ServiceToken && facts.actor != Actor::TechnicalAccount {
            return Err(out_of_context("this service takes the token of a service account, not of a person"));
        }
        if !route.service.accepts_scope(&facts.scope) {
            let needed = route.service.required_scopes.space_separated();
            let detail = format!(
                "the token lacks a scope; this service needs all of `{needed}`, or one of its metascopes: get a token with them"
            );
            let challenge = route.challenge(&format!("error=\"insufficient_scope\", scope=\"{needed}\", "));
            return Err(Refused::new(Code::ScopeMismatch, detail).challenge(challenge));
        }
        Ok(remembered)
    }
}

/// The refusal of a token that its holder does not present.
fn not_held(route: &Route, refusal: &NotHeld) -> Refused {
    let detail = refusal.to_string();
    let challenge = match refusal {
        NotHeld::Crowded => return Refused::fault(Code::TokenFault),
        NotHeld::NotBound => route.challenge(&format!("error=\"invalid_token\", error_description=\"{detail}\", ")),
        NotHeld::Bearer | NotHeld::OtherKey => route.proof_challenge("invalid_token", &detail),
        NotHeld::NoProof | NotHeld::Proof(_) | NotHeld::Replayed => {
            route.proof_challenge("invalid_dpop_proof", &detail)
        }
    };
    Refused::new(Code::TokenInvalid, detail).challenge(challenge)
}

/// Whether a key that is public may be used from where the call says it comes.
fn check_origin(caller: &Caller, headers: &HeaderMap) -> Result<(), Refused> {
    let ClientKind::ApiKey { allowed_origins } = &caller.entry.client.kind else { return Ok(()) };
    if allowed_origins.is_empty() {
        return Ok(());
    }
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let is_allowed = match (origins.next().map(|origin| origin.to_str()), origins.next()) {
        (Some(Ok(origin)), None) => allowed_origins.iter().any(|allowed| allowed.matches(origin)),
        _ => false,
    };
    if is_allowed {
        return Ok(());
    }
    Err(Refused::new(
        Code::KeyInvalid,
        "this API key may be used only from the origins that its credential lists; the header Origin names none of them",
    ))
}
