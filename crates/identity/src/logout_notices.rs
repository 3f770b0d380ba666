//! Applications hear that a sign-in ended (OpenID Connect Back-Channel Logout 1.0). The end of a session leaves a row for
//! each application that wants to know; here the rows are carried out, beside everything else.

use std::{collections::HashMap, sync::Arc, time::Duration};

use http::{
    HeaderValue, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde::Serialize;
use tokio::{
    task::{Id, JoinSet},
    time::{MissedTickBehavior, interval},
};
use tollgate_crypto::{base64url, jws};
use tollgate_model::{Seconds, Timestamp, id::ClientId};
use tollgate_oauth::logout_token::{HEADER_TYPE, LogoutTokenClaims};
use tollgate_store::{
    DirectoryClient, StoreError,
    logout_notices::{self, LogoutNotice},
};
use tollgate_web::Fault;

use crate::{
    Identity,
    authorize::asked::options,
    issue::{ID_TOKEN_ALGORITHM, NotIssued},
};

/// Time between two looks when nothing wakes the messenger.
const LOOK_PERIOD: Duration = Duration::from_secs(2);
/// How long a notice belongs to the process that took it: longer than a call may last.
const LEASE: Seconds = Seconds(60);
/// Most notices under way.
const UNDER_WAY_MAX: usize = 64;
/// Most of them to one application, so that a slow one does not keep the others waiting.
const UNDER_WAY_PER_CLIENT_MAX: usize = 8;
/// How long a notice waits whose application has that many under way.
const TURN: Seconds = Seconds(5);
/// Pauses after each failed attempt; the last is repeated.
const PAUSES: [Seconds; 5] = [Seconds(5), Seconds(30), Seconds(120), Seconds(600), Seconds(1_200)];
/// After this time nobody needs to hear of it any more: what is left of the session's tokens has been refused since.
const GIVEN_UP_AFTER: Seconds = Seconds(3_600);
/// Most bytes that are read of an answer, which says nothing but its status.
const REPLY_BYTES_MAX: usize = 4_096;
/// Longest reason that is kept.
const FAILURE_CHARS_MAX: usize = 200;

/// How an attempt ended.
#[derive(Debug)]
enum Outcome {
    Delivered,
    /// Trying again may help.
    Failed(String),
    /// Trying again would not help.
    Refused(String),
}

/// What is under way.
#[derive(Default)]
struct UnderWay {
    calls: JoinSet<Result<(), Fault>>,
    clients: HashMap<Id, ClientId>,
}

impl UnderWay {
    fn free(&self) -> usize {
        UNDER_WAY_MAX.saturating_sub(self.calls.len())
    }

    fn to(&self, client: &ClientId) -> usize {
        self.clients.values().filter(|own| *own == client).count()
    }

    /// Notes the end of a call.
    fn ended(&mut self, ended: Result<(Id, Result<(), Fault>), tokio::task::JoinError>) -> Result<(), Fault> {
        match ended {
            Ok((id, outcome)) => {
                self.clients.remove(&id);
                outcome
            }
            Err(broken) => {
                self.clients.remove(&broken.id());
                Err(Fault::caused("a notice of a sign-out was dropped on its way; it is sent again", broken))
            }
        }
    }
}

impl Identity {
    /// Carries notices until it is dropped. What is under way then is carried again by somebody else.
    pub(crate) async fn carry_notices(&self) {
        let mut wakes = self.house().db.wakes();
        let mut looks = interval(LOOK_PERIOD);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut under_way = UnderWay::default();
        let mut failing = false;
        loop {
            let outcome = tokio::select! {
                _ = looks.tick() => self.take_notices(&mut under_way).await,
                () = wakes.woken() => self.take_notices(&mut under_way).await,
                Some(ended) = under_way.calls.join_next_with_id() => under_way.ended(ended),
            };
            match outcome {
                Err(fault) if !failing => {
                    tracing::error!(%fault, "telling applications of sign-outs fails; it is tried again");
                }
                Err(fault) => tracing::debug!(%fault, "telling applications of sign-outs still fails"),
                Ok(()) => {
                    failing = false;
                    continue;
                }
            }
            failing = true;
        }
    }

    /// Takes what is due, as long as there is room, and sets it on its way.
    async fn take_notices(&self, under_way: &mut UnderWay) -> Result<(), Fault> {
        let house = self.house();
        let free = u32::try_from(under_way.free()).unwrap_or_default();
        if free == 0 {
            return Ok(());
        }
        let now = house.clock.now();
        let claim = async |tx: &mut tollgate_store::Transaction| logout_notices::claim(tx, now, LEASE, free).await;
        for notice in house.db.transact::<_, StoreError>(claim).await? {
            if under_way.to(&notice.client_id) >= UNDER_WAY_PER_CLIENT_MAX {
                let put_off = async |tx: &mut tollgate_store::Transaction| {
                    logout_notices::retry(tx, &notice.id, now + TURN, "others are under way").await
                };
                house.db.transact::<_, StoreError>(put_off).await?;
                continue;
            }
            let client_id = notice.client_id.clone();
            let identity = self.clone();
            let call = under_way.calls.spawn(async move { identity.carry_notice(notice).await });
            under_way.clients.insert(call.id(), client_id);
        }
        Ok(())
    }

    async fn carry_notice(&self, notice: LogoutNotice) -> Result<(), Fault> {
        let outcome = self.deliver_notice(&notice).await?;
        let house = self.house();
        let now = house.clock.now();
        let LogoutNotice { id, client_id, attempts, created_at, .. } = &notice;
        house
            .db
            .transact::<_, StoreError>(async |tx| match &outcome {
                Outcome::Delivered => logout_notices::mark_delivered(tx, id, now).await,
                Outcome::Refused(failure) => logout_notices::mark_failed(tx, id, now, failure).await,
                Outcome::Failed(failure) => match next_attempt(*attempts, *created_at, now) {
                    Some(due_at) => logout_notices::retry(tx, id, due_at, failure).await,
                    None => logout_notices::mark_failed(tx, id, now, failure).await,
                },
            })
            .await?;
        if let Outcome::Failed(failure) | Outcome::Refused(failure) = &outcome {
            tracing::warn!(notice = id, client = %client_id, attempts, failure, "an application was not told of a sign-out");
        }
        Ok(())
    }

    /// One attempt, with a token made for it.
    async fn deliver_notice(&self, notice: &LogoutNotice) -> Result<Outcome, Fault> {
        let now = self.house().clock.now();
        let directory = self.house().directory_at(now)?;
        let Some((client, uri)) = wanted(directory.client(notice.client_id.as_str())) else {
            return Ok(Outcome::Refused("the application does not want to know any more".into()));
        };
        let token = self.logout_token(notice, client, now)?;
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ];
        // A token in compact form holds nothing that a form would escape.
        let body = format!("logout_token={token}");
        let reply = self.people().settings().egress.post(uri, &headers, body.into(), REPLY_BYTES_MAX).await;
        Ok(match reply {
            Ok(reply) if reply.status.is_success() => Outcome::Delivered,
            // The application says that it could not make sense of it (section 2.8); it would not the next time either.
            Ok(reply) if reply.status == StatusCode::BAD_REQUEST => Outcome::Refused("status 400".into()),
            Ok(reply) => Outcome::Failed(format!("status {}", reply.status.as_u16())),
            Err(refused) if refused.is_refusal() => Outcome::Refused(shown(&refused)),
            Err(failed) => Outcome::Failed(shown(&failed)),
        })
    }

    fn logout_token(&self, notice: &LogoutNotice, client: &DirectoryClient, now: Timestamp) -> Result<String, Fault> {
        #[derive(Serialize)]
        struct Header<'a> {
            alg: &'a str,
            typ: &'a str,
            kid: &'a str,
        }
        let directory = self.house().directory_at(now)?;
        let active = directory.keys.active(ID_TOKEN_ALGORITHM, now);
        let (key, signing) = active
            .and_then(|key| key.signing.as_deref().map(|signing| (key, signing)))
            .ok_or_else(|| Fault::caused("no logout token could be made", NotIssued::NoKey(ID_TOKEN_ALGORITHM)))?;
        let header = Header { alg: key.algorithm.as_str(), typ: HEADER_TYPE, kid: key.id.as_str() };
        let header = base64url::encode(&serde_json::to_vec(&header).expect("texts are always JSON"));
        let id = notice.id.parse().map_err(|cause| Fault::caused("the id of a notice cannot be used", cause))?;
        let claims = LogoutTokenClaims {
            issuer: &self.house().instance.issuer,
            subject: notice.user_id.as_str(),
            client_id: &client.client.id,
            session_id: Some(&notice.session_id),
            id: &id,
            issued_at: now,
        };
        Ok(jws::sign(&header, &claims.write(), signing)?)
    }
}

/// Where a credential wants to hear of sign-outs, if it does and still may.
fn wanted(client: Option<&Arc<DirectoryClient>>) -> Option<(&DirectoryClient, &str)> {
    let client = client.filter(|client| client.is_enabled())?;
    Some((client, options(client).backchannel_logout_uri.as_deref()?))
}

/// When the next attempt is due, if there is one.
fn next_attempt(attempts: u32, created_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let made = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let due_at = now + PAUSES[made.min(PAUSES.len() - 1)];
    (due_at < created_at + GIVEN_UP_AFTER).then_some(due_at)
}

fn shown(failure: &dyn std::fmt::Display) -> String {
    failure.to_string().chars().filter(|c| !c.is_control()).take(FAILURE_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_come_more_and_more_seldom_and_end_within_the_hour() {
        let start = Timestamp::from_seconds(1_760_000_000);
        let (mut now, mut attempts, mut pauses) = (start, 1, Vec::new());
        while let Some(due_at) = next_attempt(attempts, start, now) {
            pauses.push(due_at.seconds_since(now).0);
            (now, attempts) = (due_at, attempts + 1);
        }
        assert_eq!(pauses, [5, 30, 120, 600, 1_200, 1_200]);
        assert!(now < start + GIVEN_UP_AFTER);
    }
}
