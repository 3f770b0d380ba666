//! `tollgate keys`: the keys that tokens are signed with.

use serde::Serialize;
use tollgate_crypto::Algorithm;
use tollgate_model::{Clock, Seconds, SystemClock, Timestamp, id::KeyId};
use tollgate_store::signing_keys::{self, SigningKeyRow};

use crate::{compose, config::Config, database, error::CommandError, output::Output};

/// What credentials may choose from; both are always at hand.
const ROTATED: [Algorithm; 2] = [Algorithm::Es256, Algorithm::Rs256];

/// Lists the signing keys, newest first.
pub(crate) async fn list(config: &Config, json: bool) -> Result<(), CommandError> {
    let db = database::open(config).await?;
    print(&signing_keys::list(&db).await?, Output::new(json))
}

/// Makes new signing keys, published now and used after the publication time, or at once when asked.
pub(crate) async fn rotate(config: &Config, at_once: bool, json: bool) -> Result<(), CommandError> {
    let house = compose::house(config, database::open(config).await?, database::master_key(config)?).await?;
    let lead = if at_once { Seconds(0) } else { house.instance.key_publication_lead };
    tollgate_identity::keys::rotate(&house, &ROTATED, lead)
        .await
        .map_err(|cause| CommandError::fault("cannot make new signing keys", &cause))?;
    print(&signing_keys::list(&house.db).await?, Output::new(json))
}

#[derive(Serialize)]
struct Shown {
    key_id: KeyId,
    algorithm: &'static str,
    state: &'static str,
    created_at: String,
    signs_from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    signs_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_until: Option<String>,
}

impl Shown {
    fn of(key: &SigningKeyRow, now: Timestamp) -> Self {
        let state = match (key.active_from <= now, key.retired_at.is_some_and(|end| end <= now)) {
            (_, true) => "published only",
            (true, false) => "signs",
            (false, false) => "signs soon",
        };
        Self {
            key_id: key.key_id.clone(),
            algorithm: key.algorithm.as_str(),
            state,
            created_at: key.created_at.to_string(),
            signs_from: key.active_from.to_string(),
            signs_until: key.retired_at.map(|end| end.to_string()),
            published_until: key.expires_at.map(|end| end.to_string()),
        }
    }
}

fn print(keys: &[SigningKeyRow], output: Output) -> Result<(), CommandError> {
    let now = SystemClock.now();
    let shown: Vec<Shown> = keys.iter().map(|key| Shown::of(key, now)).collect();
    if output.is_json() {
        return output.json(&shown);
    }
    if shown.is_empty() {
        return output.line("No signing keys yet: they are made when Tollgate is first served");
    }
    let width = shown.iter().map(|key| key.key_id.as_str().len()).max().unwrap_or_default();
    let heading = format!(
        "{:width$}  {:9}  {:14}  {:20}  {:20}  {}",
        "KEY", "ALGORITHM", "STATE", "SIGNS FROM", "SIGNS UNTIL", "PUBLISHED UNTIL"
    );
    output.line(output.bold(heading))?;
    for key in &shown {
        let until = |end: &Option<String>| end.clone().unwrap_or_else(|| "-".to_owned());
        output.line(format_args!(
            "{:width$}  {:9}  {:14}  {:20}  {:20}  {}",
            key.key_id,
            key.algorithm,
            key.state,
            key.signs_from,
            until(&key.signs_until),
            until(&key.published_until)
        ))?;
    }
    Ok(())
}
