//! Whoever is disabled or deleted gets nothing, and what it got before opens nothing.

use http::StatusCode;
use serde_json::json;
use tollgate_store::{StoreError, Transaction, certificates, clients, organizations, subscriptions};

use crate::fixture::*;

/// What may befall a credential.
#[derive(Debug, Clone, Copy)]
enum Fate {
    OrganizationDisabled,
    OrganizationDeleted,
    CredentialDisabled,
    CredentialDeleted,
}

impl Fate {
    const ALL: [Self; 4] =
        [Self::OrganizationDisabled, Self::OrganizationDeleted, Self::CredentialDisabled, Self::CredentialDeleted];

    async fn befall(self, tx: &mut Transaction, client_id: &str) -> Result<bool, StoreError> {
        let (organization, client) = (ORGANIZATION.parse().unwrap(), client_id.parse().unwrap());
        match self {
            Self::OrganizationDisabled => organizations::set_enabled(tx, &organization, false).await,
            Self::OrganizationDeleted => organizations::delete(tx, &organization).await,
            Self::CredentialDisabled => clients::set_enabled(tx, &client, false).await,
            Self::CredentialDeleted => clients::delete(tx, &client).await,
        }
    }

    const fn is_deletion(self) -> bool {
        matches!(self, Self::OrganizationDeleted | Self::CredentialDeleted)
    }
}

#[tokio::test]
async fn no_grant_introspection_or_revocation_serves_a_disabled_or_deleted_principal() {
    for fate in Fate::ALL {
        for (client_id, secret) in [(SERVER, SECRET), (SERVICE, SERVICE_SECRET)] {
            let world = World::new().await;
            let token = if client_id == SERVER { world.server_token().await } else { world.service_token().await };
            assert!(world.change(async |tx| fate.befall(tx, client_id).await).await);
            let jwt = world.service_jwt(&json!({}));
            let ask = [
                ("client_id", client_id),
                ("client_secret", secret),
                ("token", &token),
                ("jwt_token", &jwt),
                ("grant_type", "client_credentials"),
            ];
            for path in ["/ims/token/v3", "/ims/exchange/jwt", "/ims/introspect", "/ims/revoke"] {
                let answer = world.post(path, &ask).await;
                let (_, error, text) = answer.refusal();
                assert!(answer.status.is_client_error(), "{fate:?} {path}");
                assert_eq!(error, "invalid_client", "{fate:?} {path}: {text}");
                let words = if fate.is_deletion() { "invalid client_id parameter" } else { "disabled" };
                assert!(text.contains(words), "{fate:?} {path}: {text}");
            }
            assert_eq!(world.validity(&token).await, "revoked_token", "{fate:?} {client_id}");
        }
    }
}

#[tokio::test]
async fn that_a_credential_is_disabled_is_told_only_to_who_proves_to_be_it() {
    let world = World::new().await;
    world.change(async |tx| Fate::CredentialDisabled.befall(tx, SERVER).await).await;
    let refused = world.post("/ims/token/v3", &credentials(SERVER, "wrong")).await;
    assert_eq!(refused.refusal().2, "invalid client_secret parameter");
}

#[tokio::test]
async fn tokens_of_a_disabled_principal_are_not_active_to_its_neighbours_and_live_again_when_enabled() {
    let world = World::new().await;
    let token = world.service_token().await;
    let ask = [("client_id", SERVER), ("client_secret", SECRET), ("token", token.as_str())];
    world.change(async |tx| Fate::CredentialDisabled.befall(tx, SERVICE).await).await;
    assert_eq!(world.post("/ims/introspect", &ask).await.json()["active"], false);
    world.change(async |tx| clients::set_enabled(tx, &SERVICE.parse().unwrap(), true).await).await;
    assert_eq!(world.post("/ims/introspect", &ask).await.json()["active"], true);
}

#[tokio::test]
async fn a_deleted_certificate_and_a_lost_subscription_count_at_once() {
    let world = World::new().await;
    world.service_token().await;
    let client = SERVICE.parse().unwrap();
    world.change(async |tx| subscriptions::delete(tx, &client, &"Campaign".parse().unwrap()).await).await;
    assert_eq!(world.exchange(&world.service_jwt(&json!({}))).await.refusal().1, "invalid_scope");
    let own = certificates::list(&world.house.db, &client).await.unwrap().remove(0);
    world.change(async |tx| certificates::delete(tx, &client, &own.fingerprint).await).await;
    let (status, error, text) = world.exchange(&world.service_jwt(&json!({}))).await.refusal();
    assert_eq!((status, error.as_str()), (400, "invalid_token"));
    assert!(text.contains("no certificate"), "{text}");
    let server = SERVER.parse().unwrap();
    world.change(async |tx| subscriptions::delete(tx, &server, &"Campaign".parse().unwrap()).await).await;
    let answer = world.post("/ims/token/v3", &credentials(SERVER, SECRET)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(read(&answer.access_token()).1["scope"], "openid,AdobeID");
}
