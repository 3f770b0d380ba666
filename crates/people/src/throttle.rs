//! The same counters for every factor: how often an account, an address and the whole instance may fail.
//!
//! An attempt counts as a failure before it is checked, so that many at once do not all pass, and is given back when it
//! succeeds. Counters drain by themselves; nobody is locked out for longer than one pause.

use tollgate_model::{Seconds, Timestamp, user::EmailAddress};
use tollgate_store::{
    Transaction,
    throttles::{self, Throttle, ThrottleKind},
};
use tollgate_web::Fault;

use crate::{People, Refused, Visitor, settings::Pace};

/// One attempt to prove who one is. It stays counted as a failure unless it is told that it succeeded.
#[must_use = "an attempt that is dropped stays counted as a failure"]
pub struct Attempt {
    people: People,
    account: Option<String>,
    network: String,
}

/// The name of the one counter of the instance.
const EVERYBODY: &str = "all";

impl People {
    /// Begins an attempt on `account` before anything is checked. A passkey cannot be guessed: its attempts name no
    /// account, so that nobody can keep its owner out.
    pub async fn attempt(
        &self,
        account: Option<&EmailAddress>,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Attempt, Refused> {
        let attempt = Attempt {
            people: self.clone(),
            account: account.map(|email| self.counter_name("sign-in", email.as_str())),
            network: self.counter_name("sign-in", &visitor.network()),
        };
        let taken = self.house().db.transact::<_, Refused>(async |tx| {
            for (throttle, pace) in attempt.counters() {
                take(tx, throttle, pace, now).await?;
            }
            Ok(())
        });
        taken.await?;
        Ok(attempt)
    }

    /// Counts a mail that is about to be sent to `email` because of this visitor.
    pub(crate) async fn count_mail(
        &self,
        email: &EmailAddress,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let account = self.counter_name("mail", email.as_str());
        let network = self.counter_name("mail", &visitor.network());
        let paces = self.settings().throttle;
        let taken = self.house().db.transact::<_, Refused>(async |tx| {
            take(tx, Throttle { kind: ThrottleKind::Account, name: &account }, paces.mail, now).await?;
            take(tx, Throttle { kind: ThrottleKind::Address, name: &network }, paces.mail_requests, now).await
        });
        taken.await
    }

    /// Counters carry digests: what strangers type is not collected.
    fn counter_name(&self, what: &str, name: &str) -> String {
        self.house().digest_key.digest("throttle", format!("{what} {name}").as_bytes()).to_string()
    }
}

impl Attempt {
    fn counters(&self) -> impl Iterator<Item = (Throttle<'_>, Pace)> {
        let paces = self.people.settings().throttle;
        let account =
            self.account.as_deref().map(|name| (Throttle { kind: ThrottleKind::Account, name }, paces.account));
        let others = [
            (Throttle { kind: ThrottleKind::Address, name: &self.network }, paces.address),
            (Throttle { kind: ThrottleKind::Instance, name: EVERYBODY }, paces.instance),
        ];
        account.into_iter().chain(others)
    }

    /// The person is who they say: earlier failures at the account are forgotten. Those of the address stay: others may
    /// be at work there.
    pub async fn succeeded(self) -> Result<(), Fault> {
        self.settle(true).await
    }

    /// This step was right, but it proves nothing yet by itself; earlier failures stay.
    pub async fn give_back(self) -> Result<(), Fault> {
        self.settle(false).await
    }

    /// Goes on with what came of the check. A fault of ours is no failure of theirs, so it is given back.
    pub(crate) async fn unless_fault<T>(self, outcome: Result<T, Fault>) -> Result<(Self, T), Fault> {
        match outcome {
            Ok(value) => Ok((self, value)),
            Err(fault) => {
                self.give_back().await?;
                Err(fault)
            }
        }
    }

    async fn settle(self, forgive: bool) -> Result<(), Fault> {
        let house = self.people.house();
        let settled = house.db.transact::<_, Fault>(async |tx| {
            for (throttle, pace) in self.counters() {
                if forgive && throttle.kind == ThrottleKind::Account {
                    throttles::clear(tx, throttle).await?;
                } else {
                    throttles::lower(tx, throttle, pace.pause).await?;
                }
            }
            Ok(())
        });
        settled.await
    }
}

async fn take(tx: &mut Transaction, throttle: Throttle<'_>, pace: Pace, now: Timestamp) -> Result<(), Refused> {
    let burst = Seconds(pace.pause.0.saturating_mul(i64::from(pace.burst)));
    if throttles::take(tx, throttle, pace.pause, burst, now).await? {
        return Ok(());
    }
    let state = throttles::read(&mut *tx, throttle).await?.unwrap_or(now);
    Err(Refused::Throttled(wait(state + pace.pause, now + burst)))
}

/// From when on `state` is within `limit`, rounded up.
fn wait(state: Timestamp, limit: Timestamp) -> Seconds {
    let micros = state.micros().saturating_sub(limit.micros()).max(1);
    Seconds(micros.saturating_add(999_999) / 1_000_000)
}
