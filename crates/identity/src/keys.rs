//! The keys that tokens are signed with: the first ones, their rotation, and their end.
//!
//! A new key is published a while before it signs, so that verifiers that keep the key set for some minutes know it by
//! then. The key before it stays published until the last token that it signed is dead. Several nodes may do all of
//! this at once: the insertion of a key is guarded, and the others take what one has made.

use tollgate_crypto::{Algorithm, CryptoError, SigningKey, certificate};
use tollgate_model::{Invalid, Seconds, Timestamp, id::KeyId};
use tollgate_store::{
    StoreError,
    signing_keys::{self, SigningKeyRow},
};
use tollgate_web::House;

/// How long a key is published after the end of the last token that it signed, for clocks that differ.
const MARGIN: Seconds = Seconds(300);
/// How long the certificate of a key is valid; the key is retired long before.
const CERTIFICATE_LIFETIME: Seconds = Seconds(10 * 365 * 86_400);
/// How often it is tried to take the next free number, when other nodes take numbers at the same time.
const ATTEMPTS_MAX: usize = 8;
/// Before any key was made.
const NEVER: Timestamp = Timestamp::from_micros(i64::MIN);

/// Why a key could not be made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key itself failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The instance's region does not fit into the name of a key.
    #[error(transparent)]
    Name(#[from] Invalid),
    /// Other nodes made keys all the time.
    #[error("no free key number was found in {ATTEMPTS_MAX} attempts; try again")]
    Crowded,
}

/// Makes the keys that an instance needs and lacks, ready to sign at once, and names them. Does nothing when all are
/// there.
pub async fn ensure(house: &House) -> Result<Vec<KeyId>, KeyError> {
    let mut made = Vec::new();
    for algorithm in needed(house) {
        let now = house.clock.now();
        made.extend(make(house, &Plan { algorithm, now, lead: Seconds(0), made_after: NEVER }).await?);
    }
    if !made.is_empty() {
        house.directory.refresh().await?;
    }
    Ok(made)
}

/// Makes a new key for each of the `algorithms`, to sign `lead` from now, and ends the signing of the earlier keys at that
/// time. Names the new keys; none for an algorithm that another node rotated at the same time.
pub async fn rotate(house: &House, algorithms: &[Algorithm], lead: Seconds) -> Result<Vec<KeyId>, KeyError> {
    let mut made = Vec::new();
    for &algorithm in algorithms {
        let now = house.clock.now();
        let made_after = newest(&signing_keys::list(&house.db).await?, algorithm);
        made.extend(make(house, &Plan { algorithm, now, lead, made_after }).await?);
    }
    house.directory.refresh().await?;
    Ok(made)
}

/// Rotates the keys that are older than the instance allows, and deletes those whose last token is dead.
pub(crate) async fn tend(house: &House) -> Result<Vec<KeyId>, KeyError> {
    let now = house.clock.now();
    let rows = signing_keys::list(&house.db).await?;
    let mut made = Vec::new();
    for algorithm in needed(house) {
        let made_after = newest(&rows, algorithm);
        if made_after + house.instance.key_rotation_age <= now {
            let plan = Plan { algorithm, now, lead: house.instance.key_publication_lead, made_after };
            made.extend(make(house, &plan).await?);
        }
    }
    let has_expired = rows.iter().any(|row| row.expires_at.is_some_and(|end| end <= now));
    if has_expired {
        house.db.transact::<_, StoreError>(async |tx| signing_keys::delete_expired(tx, now).await).await?;
    }
    if has_expired || !made.is_empty() {
        house.directory.refresh().await?;
    }
    Ok(made)
}

/// ES256 and RS256, which credentials may choose from, and what the instance signs with.
pub fn needed(house: &House) -> Vec<Algorithm> {
    let mut algorithms = vec![Algorithm::Es256, Algorithm::Rs256];
    if !algorithms.contains(&house.instance.token_algorithm) {
        algorithms.push(house.instance.token_algorithm);
    }
    algorithms
}

/// A key to be made.
struct Plan {
    algorithm: Algorithm,
    now: Timestamp,
    /// How long it is published before it signs. The first key of an algorithm signs at once: until then nobody does.
    lead: Seconds,
    /// A key of the algorithm that was made later than this makes the plan void.
    made_after: Timestamp,
}

/// Makes a key and ends the signing of the earlier ones; `None` when the plan is void.
async fn make(house: &House, plan: &Plan) -> Result<Option<KeyId>, KeyError> {
    let mut unused = None;
    for _ in 0..ATTEMPTS_MAX {
        let rows = signing_keys::list(&house.db).await?;
        let newest = newest(&rows, plan.algorithm);
        if newest > plan.made_after {
            return Ok(None);
        }
        let lead = if newest == NEVER { Seconds(0) } else { plan.lead };
        // Making an RSA key takes long; a number that was taken meanwhile does not cost a second one.
        let key = match unused.take() {
            Some(key) => key,
            None => generate(plan.algorithm).await?,
        };
        let row = row(house, plan.now, lead, &key, next_id(&rows, &house.instance.region)?)?;
        if insert(house, plan.made_after, &row).await? {
            tracing::info!(key_id = %row.key_id, algorithm = %row.algorithm, active_from = %row.active_from, "made a signing key");
            return Ok(Some(row.key_id));
        }
        unused = Some(key);
    }
    Err(KeyError::Crowded)
}

async fn generate(algorithm: Algorithm) -> Result<SigningKey, CryptoError> {
    let made = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await;
    made.map_err(|_| CryptoError::KeyGeneration)?
}

fn row(
    house: &House,
    now: Timestamp,
    lead: Seconds,
    key: &SigningKey,
    key_id: KeyId,
) -> Result<SigningKeyRow, CryptoError> {
    let not_after = now + CERTIFICATE_LIFETIME;
    let name = format!("Tollgate signing key {key_id}");
    let certificate_pem = certificate::self_signed(key, &name, now.seconds(), not_after.seconds())?;
    let purpose = signing_keys::seal_purpose(&key_id);
    Ok(SigningKeyRow {
        sealed_private: house.master_key.seal(&*house.entropy, &purpose, key.to_pkcs8().reveal()),
        public_jwk: key.public_jwk(key_id.as_str()),
        key_id,
        algorithm: key.algorithm(),
        certificate_pem,
        created_at: now,
        active_from: now + lead,
        retired_at: None,
        expires_at: None,
    })
}

/// Adds the key and retires those before it, or does neither.
async fn insert(house: &House, made_after: Timestamp, row: &SigningKeyRow) -> Result<bool, StoreError> {
    let expires_at = row.active_from + house.instance.access_token_lifetime + MARGIN;
    let insert = async |tx: &mut tollgate_store::Transaction| -> Result<bool, StoreError> {
        if !signing_keys::insert_unless_newer(tx, row, made_after).await? {
            return Ok(false);
        }
        for earlier in signing_keys::list(&mut *tx).await? {
            if earlier.algorithm == row.algorithm && earlier.key_id != row.key_id {
                signing_keys::retire(tx, &earlier.key_id, row.active_from, expires_at).await?;
            }
        }
        Ok(true)
    };
    house.db.transact(insert).await
}

/// When the newest key of the algorithm was made; [`NEVER`] when there is none.
fn newest(rows: &[SigningKeyRow], algorithm: Algorithm) -> Timestamp {
    let made = rows.iter().filter(|row| row.algorithm == algorithm).map(|row| row.created_at);
    made.max().unwrap_or(NEVER)
}

/// The name with the next number, such as `ims_na1-key-at-3` (contract section 2.1). The newest key is never deleted
/// before there is a newer one, so no name is used twice.
fn next_id(rows: &[SigningKeyRow], region: &str) -> Result<KeyId, Invalid> {
    let number = |row: &SigningKeyRow| row.key_id.as_str().rsplit('-').next()?.parse::<u32>().ok();
    let last = rows.iter().filter_map(number).max().unwrap_or(0);
    format!("{}-key-at-{}", region.replacen('-', "_", 1), last + 1).parse()
}
