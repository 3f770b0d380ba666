//! Devices that wait for a person (RFC 8628).

use tollgate_crypto::Digest;
use tollgate_model::{
    Seconds, Timestamp,
    grant::Grant,
    id::{ClientId, GrantId},
    scope::ScopeSet,
};

use crate::{Query, Row, StoreError, Transaction, Value, grants, params, statements};

statements! {
    /// Inserts nothing when the user code is taken.
    INSERT = "
        insert into device_requests
            (digest, user_code, client_id, scope, resources, key_thumbprint, interval_seconds, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (user_code) do nothing";

    /// The request of this user code, while it waits.
    FIND_BY_USER_CODE = "
        select digest, user_code, client_id, scope, resources, key_thumbprint, interval_seconds, created_at, expires_at
        from device_requests
        where user_code = $1 and expires_at > $2 and refused_at is null and grant_id is null";

    /// The returned row is the permission to answer the device with tokens of the grant.
    CONSUME = "
        delete from device_requests where digest = $1 and grant_id is not null and expires_at > $2
        returning grant_id";

    /// The new interval of a device that asked again too soon.
    SLOW_DOWN = "
        update device_requests set last_polled_at = $2, interval_seconds = interval_seconds + $3
        where digest = $1 and expires_at > $2 and refused_at is null and grant_id is null
            and last_polled_at > $2 - interval_seconds * 1000000
        returning digest, interval_seconds";

    /// Changes one row when the request waits.
    POLL = "
        update device_requests set last_polled_at = $2
        where digest = $1 and expires_at > $2 and refused_at is null";

    /// What became of the request.
    FATE = "select digest, refused_at from device_requests where digest = $1";

    /// Changes one row when the request waits.
    APPROVE = "
        update device_requests set grant_id = $2
        where user_code = $1 and expires_at > $3 and refused_at is null and grant_id is null";

    /// Deletes a grant that came too late for its device.
    DELETE_GRANT = "delete from grants where id = $1";

    /// Changes one row when the request waits.
    REFUSE = "
        update device_requests set refused_at = $2
        where user_code = $1 and expires_at > $2 and refused_at is null and grant_id is null";

    /// Deletes the request of this digest.
    WITHDRAW = "delete from device_requests where digest = $1";

    /// Deletes the requests that had ended at `$1`.
    DELETE_EXPIRED = "delete from device_requests where expires_at <= $1";
}

/// By how much the interval grows each time a device asks too soon (RFC 8628 section 3.5).
const SLOW_DOWN_SECONDS: i64 = 5;

/// A device that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceRequest {
    /// What the device's secret is digested to.
    pub digest: Digest,
    /// What the person types, as it is stored: without the dash.
    pub user_code: String,
    /// The credential of the device.
    pub client_id: ClientId,
    /// What it asks for.
    pub scope: ScopeSet,
    /// For whom tokens shall be meant (RFC 8707).
    pub resources: Vec<String>,
    /// The key that tokens shall be bound to.
    pub key_thumbprint: Option<String>,
    /// How long the device has to wait between two questions.
    pub interval: Seconds,
    /// When it came.
    pub created_at: Timestamp,
    /// Until when a person can answer.
    pub expires_at: Timestamp,
}

/// What a device is told.
#[derive(Debug, Clone, PartialEq)]
pub enum DevicePoll {
    /// Nobody has answered yet.
    Pending,
    /// It asked too soon and has to wait this long from now on.
    SlowDown(Seconds),
    /// The person refused.
    Refused,
    /// Nobody answered in time.
    Expired,
    /// There is no such request (any more).
    Unknown,
    /// The person agreed; said once.
    Approved(Box<Grant>),
}

/// Adds a request; `false` when its user code is taken.
pub async fn insert(tx: &mut Transaction, request: &DeviceRequest) -> Result<bool, StoreError> {
    let values = params![
        &request.digest,
        &request.user_code,
        &request.client_id,
        &request.scope,
        Value::json(&request.resources),
        request.key_thumbprint.as_deref(),
        request.interval.0,
        request.created_at,
        request.expires_at,
    ];
    Ok(tx.run(&INSERT, &values).await? == 1)
}

/// The request of this user code, while it waits for an answer.
pub async fn find_by_user_code(
    query: impl Query,
    user_code: &str,
    now: Timestamp,
) -> Result<Option<DeviceRequest>, StoreError> {
    query.one(&FIND_BY_USER_CODE, &params![user_code, now], request).await
}

/// Answers a device that asks. Of many questions at once, one gets [`DevicePoll::Approved`], which ends the request.
pub async fn poll(tx: &mut Transaction, digest: &Digest, now: Timestamp) -> Result<DevicePoll, StoreError> {
    let grant: Option<GrantId> = tx.one(&CONSUME, &params![digest, now], |row| row.parsed(0)).await?;
    if let Some(id) = grant {
        let grant = grants::find(&mut *tx, &id).await?;
        return Ok(grant.map_or(DevicePoll::Unknown, |grant| DevicePoll::Approved(Box::new(grant))));
    }
    let slower = tx.one(&SLOW_DOWN, &params![digest, now, SLOW_DOWN_SECONDS], |row| row.integer(1)).await?;
    if let Some(seconds) = slower {
        return Ok(DevicePoll::SlowDown(Seconds(seconds)));
    }
    if tx.run(&POLL, &params![digest, now]).await? == 1 {
        return Ok(DevicePoll::Pending);
    }
    let refused_at = tx.one(&FATE, &params![digest], |row| row.optional_timestamp(1)).await?;
    Ok(match refused_at {
        None => DevicePoll::Unknown,
        Some(None) => DevicePoll::Expired,
        Some(Some(_)) => DevicePoll::Refused,
    })
}

/// Gives a device what a person agreed to, and adds the grant; `false`, with nothing added, when the request does not
/// wait (any more). Of two answers at once, one counts.
pub async fn approve(tx: &mut Transaction, user_code: &str, grant: &Grant, now: Timestamp) -> Result<bool, StoreError> {
    grants::insert(tx, grant).await?;
    if tx.run(&APPROVE, &params![user_code, &grant.id, now]).await? == 1 {
        return Ok(true);
    }
    tx.run(&DELETE_GRANT, &params![&grant.id]).await?;
    Ok(false)
}

/// Refuses a device what it asks for; `false` when the request does not wait (any more).
pub async fn refuse(tx: &mut Transaction, user_code: &str, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.run(&REFUSE, &params![user_code, now]).await? == 1)
}

/// Ends the request of a device that does not want it any more; `false` when there is none.
pub async fn withdraw(tx: &mut Transaction, digest: &Digest) -> Result<bool, StoreError> {
    Ok(tx.run(&WITHDRAW, &params![digest]).await? == 1)
}

/// Deletes the requests that have ended; tells how many.
pub async fn delete_expired(tx: &mut Transaction, now: Timestamp) -> Result<u64, StoreError> {
    tx.run(&DELETE_EXPIRED, &params![now]).await
}

fn request(row: &Row<'_>) -> Result<DeviceRequest, StoreError> {
    Ok(DeviceRequest {
        digest: row.parsed(0)?,
        user_code: row.text(1)?,
        client_id: row.parsed(2)?,
        scope: row.parsed(3)?,
        resources: row.json(4)?,
        key_thumbprint: row.optional_text(5)?,
        interval: Seconds(row.integer(6)?),
        created_at: row.timestamp(7)?,
        expires_at: row.timestamp(8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{
        NOW, committed, digest,
        people::{self, SignedIn, permitted_of_sixty_four},
    };

    fn waiting(client: &ClientId) -> DeviceRequest {
        DeviceRequest {
            digest: digest("device"),
            user_code: "BCDFGHJK".to_owned(),
            client_id: client.clone(),
            scope: "openid,offline_access".parse().unwrap(),
            resources: Vec::new(),
            key_thumbprint: None,
            interval: Seconds(5),
            created_at: NOW,
            expires_at: NOW + Seconds(600),
        }
    }

    fn device_grant(example: &SignedIn) -> Grant {
        Grant { code_digest: None, ..people::grant(&example.client, &example.session) }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_sixty_four_questions_of_an_approved_device_one_gets_the_grant() {
        let example = SignedIn::new().await;
        let (request, grant) = (waiting(&example.client.id), device_grant(&example));
        assert!(committed!(example.db, |tx| insert(tx, &request)));
        assert!(committed!(example.db, |tx| approve(tx, &request.user_code, &grant, NOW)));
        let permitted = permitted_of_sixty_four(|| {
            let (db, digest) = (example.db.clone(), request.digest.clone());
            let approved = DevicePoll::Approved(Box::new(grant.clone()));
            async move { committed!(db, |tx| poll(tx, &digest, NOW)) == approved }
        });
        assert_eq!(permitted.await, 1);
        assert_eq!(committed!(example.db, |tx| poll(tx, &request.digest, NOW)), DevicePoll::Unknown);
    }

    #[tokio::test]
    async fn a_device_that_asks_too_soon_has_to_wait_five_seconds_longer_each_time() {
        let SignedIn { db, client, .. } = SignedIn::new().await;
        let request = waiting(&client.id);
        assert!(committed!(db, |tx| insert(tx, &request)));
        let mut told = Vec::new();
        for seconds in [0, 5, 9, 19, 25] {
            told.push(committed!(db, |tx| poll(tx, &request.digest, NOW + Seconds(seconds))));
        }
        let slow_down = |seconds| DevicePoll::SlowDown(Seconds(seconds));
        let expected = [DevicePoll::Pending, DevicePoll::Pending, slow_down(10), DevicePoll::Pending, slow_down(15)];
        assert_eq!(told, expected);
    }

    #[tokio::test]
    async fn one_answer_counts_and_none_after_the_end() {
        let example = SignedIn::new().await;
        let db = &example.db;
        let (request, grant) = (waiting(&example.client.id), device_grant(&example));
        let code = request.user_code.as_str();
        assert!(committed!(db, |tx| insert(tx, &request)));
        let taken = DeviceRequest { digest: digest("another"), ..request.clone() };
        assert!(!committed!(db, |tx| insert(tx, &taken)), "the user code is taken");
        assert_eq!(find_by_user_code(db, code, NOW).await.unwrap().as_ref(), Some(&request));
        assert!(!committed!(db, |tx| approve(tx, code, &grant, request.expires_at)));
        assert_eq!(grants::find(db, &grant.id).await.unwrap(), None);

        assert!(committed!(db, |tx| refuse(tx, code, NOW)));
        assert!(!committed!(db, |tx| approve(tx, code, &grant, NOW)));
        assert_eq!(find_by_user_code(db, code, NOW).await.unwrap(), None);
        assert_eq!(committed!(db, |tx| poll(tx, &request.digest, NOW)), DevicePoll::Refused);
    }

    #[tokio::test]
    async fn a_device_that_nobody_answers_is_told_that_its_time_is_over() {
        let SignedIn { db, client, .. } = SignedIn::new().await;
        let request = waiting(&client.id);
        assert!(committed!(db, |tx| insert(tx, &request)));
        assert_eq!(committed!(db, |tx| poll(tx, &request.digest, request.expires_at)), DevicePoll::Expired);
        assert_eq!(committed!(db, |tx| delete_expired(tx, request.expires_at)), 1);
        assert_eq!(committed!(db, |tx| poll(tx, &request.digest, NOW)), DevicePoll::Unknown);
    }
}
