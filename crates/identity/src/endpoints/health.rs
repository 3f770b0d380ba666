//! Whether the process lives, and whether it can answer requests.

use std::time::Duration;

use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Serialize;
use tollgate_store::generations;
use tollgate_web::{Arrival, answer};

use crate::Identity;

/// Longest wait for the database.
const DATABASE_SECONDS_MAX: u64 = 2;

/// `/health/live`: the process answers.
pub(crate) async fn live() -> Response {
    answer::json(StatusCode::OK, br#"{"status":"live"}"#.to_vec())
}

/// `/health/ready`: the database answers, the directory is current, and there is a key to sign with; otherwise 503.
pub(crate) async fn ready(State(identity): State<Identity>, arrival: Arrival) -> Response {
    #[derive(Serialize)]
    struct Health {
        status: &'static str,
        database: bool,
        directory: bool,
        signing_key: bool,
    }
    let house = identity.house();
    let asked = tokio::time::timeout(Duration::from_secs(DATABASE_SECONDS_MAX), generations::read(&house.db)).await;
    let database = matches!(asked, Ok(Ok(_)));
    let directory = house.directory.is_fresh(arrival.at);
    let signing_key = house.directory.current().keys.active(house.instance.token_algorithm, arrival.at).is_some();
    let ready = database && directory && signing_key;
    let (status, word) =
        if ready { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "unavailable") };
    let health = Health { status: word, database, directory, signing_key };
    answer::json(status, serde_json::to_vec(&health).expect("words and truth values are always JSON"))
}
