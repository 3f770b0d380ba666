use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use serde_json::{Value, json};
use tollgate_crypto::{Algorithm, Entropy, MasterKey, SigningKey, SystemEntropy, base64url, jws};
use tollgate_model::{
    Clock,
    client::{Client, ClientKind, TechnicalAccount},
    id::{
        ClientId, CredentialId, OrganizationId, OrganizationNumber, ProjectId, TechnicalAccountId, TokenId, WorkspaceId,
    },
    limit::Limits,
    organization::{Branding, Organization, Project, SignInRules, Workspace},
    token::{Revocation, Revoked},
};
use tollgate_oauth::claims::write_access_token;
use tollgate_store::{Db, LiveDirectory, clients, organizations, projects, signing_keys};

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);
const KEY_ID: &str = "ims_na1-key-at-1";

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// A house with one organization, one credential and one ES256 key, and a token for that credential.
struct Scene {
    house: House,
    clock: Arc<HandClock>,
    key: SigningKey,
    client: Client,
    token: AccessToken,
}

impl Scene {
    async fn new() -> Self {
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let clock = Arc::new(HandClock(AtomicI64::new(NOW.micros())));
        let master_key = Arc::new(MasterKey::generate(&SystemEntropy));
        let db = Db::temporary().await.unwrap();
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let client = fill(&db, &key, &master_key).await;
        let instance = Instance::new("https://ims.test", "https://api.test");
        let directory = LiveDirectory::open(db.clone(), Arc::clone(&master_key), clock.clone()).await.unwrap();
        let house = House::new(db, directory, instance, (clock.clone(), entropy), master_key);
        let token = AccessToken {
            id: TokenId::generate(&SystemEntropy, NOW),
            client_id: client.id.clone(),
            subject: client.kind.technical_account().unwrap().id.to_string(),
            actor: Actor::TechnicalAccount,
            organization_id: client.organization_id.clone(),
            scope: "openid,AdobeID".parse().unwrap(),
            audience: vec!["https://api.test".into()],
            issued_at: NOW,
            expires_at: NOW + Seconds::DAY,
            sign_in: None,
            key_thumbprint: None,
            acting_client: None,
        };
        Self { house, clock, key, client, token }
    }

    fn claims(&self) -> Value {
        serde_json::from_slice(&write_access_token(&self.token, "https://ims.test", "ims-na1")).unwrap()
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        jws::sign(&base64url::encode(header.to_string().as_bytes()), claims.to_string().as_bytes(), &self.key).unwrap()
    }

    fn text(&self) -> String {
        self.signed(&json!({"alg": "ES256", "kid": KEY_ID, "typ": "at+jwt"}), &self.claims())
    }

    fn verify_at(&self, text: &str, now: Timestamp) -> Result<VerifiedToken, TokenRefusal> {
        verify_access_token(&self.house, &self.house.directory.current(), text, now)
    }

    fn with_header(&self, name: &str, value: Value) -> Result<VerifiedToken, TokenRefusal> {
        let mut header = json!({"alg": "ES256", "kid": KEY_ID, "typ": "at+jwt"});
        header[name] = value;
        self.verify_at(&self.signed(&header, &self.claims()), NOW)
    }

    fn with_claims(&self, changes: &[(&str, Value)]) -> Result<VerifiedToken, TokenRefusal> {
        let mut claims = self.claims();
        for (name, value) in changes {
            claims[*name] = value.clone();
        }
        self.verify_at(&self.signed(&json!({"alg": "ES256", "kid": KEY_ID, "typ": "at+jwt"}), &claims), NOW)
    }
}

async fn fill(db: &Db, key: &SigningKey, master_key: &MasterKey) -> Client {
    let organization = Organization {
        id: OrganizationId::generate(&SystemEntropy, "AdobeOrg"),
        console_id: OrganizationNumber::generate(&SystemEntropy),
        name: "Example".into(),
        enabled: true,
        limits: Limits::default(),
        branding: Branding::default(),
        sign_in_rules: SignInRules::default(),
        created_at: NOW,
    };
    let project = Project {
        id: ProjectId::generate(&SystemEntropy),
        organization_id: organization.id.clone(),
        name: "Weather".into(),
        title: "Weather".into(),
        description: String::new(),
        created_at: NOW,
    };
    let workspace = Workspace {
        id: WorkspaceId::generate(&SystemEntropy),
        project_id: project.id.clone(),
        name: "Production".into(),
        created_at: NOW,
    };
    let client = Client {
        id: ClientId::generate(&SystemEntropy),
        credential_id: CredentialId::generate(&SystemEntropy),
        organization_id: organization.id.clone(),
        workspace_id: workspace.id.clone(),
        name: "Forecast".into(),
        kind: ClientKind::OauthServerToServer(TechnicalAccount {
            id: TechnicalAccountId::generate(&SystemEntropy, "techacct.adobe.com"),
            email: "nobody@techacct.adobe.com".into(),
        }),
        enabled: true,
        limits: Limits::default(),
        token_algorithm: None,
        created_at: NOW,
    };
    let key_id: KeyId = KEY_ID.parse().unwrap();
    let row = signing_keys::SigningKeyRow {
        sealed_private: master_key.seal(&SystemEntropy, &signing_keys::seal_purpose(&key_id), key.to_pkcs8().reveal()),
        key_id,
        algorithm: Algorithm::Es256,
        public_jwk: key.public_jwk(KEY_ID),
        certificate_pem: String::new(),
        created_at: NOW,
        active_from: NOW,
        retired_at: None,
        expires_at: None,
    };
    db.transact(async |tx| {
        organizations::insert(tx, &organization).await?;
        projects::insert(tx, &project, std::slice::from_ref(&workspace)).await?;
        clients::insert(tx, &client).await?;
        signing_keys::insert(tx, &row).await
    })
    .await
    .unwrap();
    client
}

#[tokio::test]
async fn a_token_of_ours_is_good_until_the_instant_of_its_end() {
    let scene = Scene::new().await;
    let text = scene.text();
    assert!(text.len() <= TOKEN_BYTES_MAX);
    let verified = scene.verify_at(&text, NOW).unwrap();
    assert_eq!(verified.token(), &scene.token);
    assert_eq!(verified.key_id.as_str(), KEY_ID);
    let end = scene.token.expires_at;
    assert!(scene.verify_at(&text, Timestamp::from_micros(end.micros() - 1)).is_ok());
    assert_eq!(scene.verify_at(&text, end), Err(TokenRefusal::Expired));
    assert!(scene.with_header("typ", json!("application/AT+JWT")).is_ok());
}

#[tokio::test]
async fn a_token_of_another_type_is_not_an_access_token() {
    let scene = Scene::new().await;
    for word in [json!("JWT"), json!("at+jwt2"), json!(""), json!("application/jwt"), Value::Null] {
        let outcome = scene.with_header("typ", word.clone());
        assert!(matches!(outcome, Err(TokenRefusal::WrongType | TokenRefusal::Malformed)), "{word}: {outcome:?}");
    }
    assert_eq!(scene.with_claims(&[("type", json!("refresh_token"))]), Err(TokenRefusal::WrongType));
}

#[tokio::test]
async fn only_a_published_key_of_ours_counts_and_a_kid_is_just_a_name() {
    let scene = Scene::new().await;
    for kid in ["", "ims_na1-key-at-2", "../ims_na1-key-at-1", "ims_na1-key-at-1' or '1'='1", "IMS_NA1-KEY-AT-1", "é"]
    {
        assert_eq!(scene.with_header("kid", json!(kid)), Err(TokenRefusal::UnknownKey), "{kid}");
    }
    let without = scene.signed(&json!({"alg": "ES256", "typ": "at+jwt"}), &scene.claims());
    assert_eq!(scene.verify_at(&without, NOW), Err(TokenRefusal::UnknownKey));
    let stranger = Scene { key: SigningKey::generate(Algorithm::Es256).unwrap(), ..scene };
    assert_eq!(stranger.verify_at(&stranger.text(), NOW), Err(TokenRefusal::BadSignature));
    let jwk = serde_json::to_value(stranger.key.public_jwk(KEY_ID)).unwrap();
    assert_eq!(stranger.with_header("jwk", jwk), Err(TokenRefusal::BadSignature));
}

#[tokio::test]
async fn a_token_that_claims_another_algorithm_than_its_key_is_refused() {
    let scene = Scene::new().await;
    for algorithm in ["none", "None", "HS256", "RS256", "ES384", ""] {
        let outcome = scene.with_header("alg", json!(algorithm));
        assert!(
            matches!(outcome, Err(TokenRefusal::BadSignature | TokenRefusal::Malformed)),
            "{algorithm}: {outcome:?}"
        );
    }
    let header = base64url::encode(json!({"alg": "none", "kid": KEY_ID, "typ": "at+jwt"}).to_string().as_bytes());
    let payload = base64url::encode(scene.claims().to_string().as_bytes());
    let unsigned = format!("{header}.{payload}.");
    assert!(matches!(scene.verify_at(&unsigned, NOW), Err(TokenRefusal::BadSignature | TokenRefusal::Malformed)));
}

#[tokio::test]
async fn text_that_is_no_token_or_too_long_is_malformed() {
    let scene = Scene::new().await;
    let long = format!("{}{}", scene.text(), "A".repeat(TOKEN_BYTES_MAX));
    for text in ["", "a", "a.b.c", "....", "Bearer x", long.as_str()] {
        assert_eq!(scene.verify_at(text, NOW), Err(TokenRefusal::Malformed), "{text}");
    }
    assert_eq!(scene.with_header("crit", json!(["exp"])), Err(TokenRefusal::Malformed));
    assert_eq!(scene.with_claims(&[("exp", json!("soon"))]), Err(TokenRefusal::Malformed));
}

#[tokio::test]
async fn issuer_audience_and_start_are_checked() {
    let scene = Scene::new().await;
    assert_eq!(scene.with_claims(&[("iss", json!("https://evil.test"))]), Err(TokenRefusal::WrongIssuer));
    assert_eq!(scene.with_claims(&[("aud", json!("https://other.test"))]), Err(TokenRefusal::WrongAudience));
    assert!(scene.with_claims(&[("aud", json!(["https://other.test", "https://api.test"]))]).is_ok());
    assert!(scene.with_claims(&[("nbf", json!(NOW.seconds() + 30))]).is_ok());
    assert_eq!(scene.with_claims(&[("nbf", json!(NOW.seconds() + 31))]), Err(TokenRefusal::NotYetValid));
    let text = scene.text();
    assert!(scene.verify_at(&text, NOW - Seconds(30)).is_ok());
    assert_eq!(scene.verify_at(&text, NOW - Seconds(31)), Err(TokenRefusal::NotYetValid));
}

#[tokio::test]
async fn a_token_dies_at_once_with_its_credential_organization_or_account() {
    let scene = Scene::new().await;
    let text = scene.text();
    let (db, directory) = (&scene.house.db, &scene.house.directory);
    let id = &scene.client.id;
    db.transact(async |tx| clients::set_enabled(tx, id, false).await).await.unwrap();
    directory.refresh().await.unwrap();
    assert_eq!(scene.verify_at(&text, NOW), Err(TokenRefusal::CredentialDisabled));
    db.transact(async |tx| clients::set_enabled(tx, id, true).await).await.unwrap();
    db.transact(async |tx| organizations::set_enabled(tx, &scene.client.organization_id, false).await).await.unwrap();
    directory.refresh().await.unwrap();
    assert_eq!(scene.verify_at(&text, NOW), Err(TokenRefusal::CredentialDisabled));
    db.transact(async |tx| organizations::set_enabled(tx, &scene.client.organization_id, true).await).await.unwrap();
    directory.refresh().await.unwrap();
    assert!(scene.verify_at(&text, NOW).is_ok());
    let subject = json!("0123456789ABCDEF01234567@techacct.adobe.com");
    assert_eq!(scene.with_claims(&[("sub", subject.clone()), ("user_id", subject)]), Err(TokenRefusal::CredentialGone));
    let other_organization = [("org_id", json!("0123456789ABCDEF01234567@AdobeOrg"))];
    assert_eq!(scene.with_claims(&other_organization), Err(TokenRefusal::CredentialGone));
    db.transact(async |tx| clients::delete(tx, id).await).await.unwrap();
    directory.refresh().await.unwrap();
    assert_eq!(scene.verify_at(&text, NOW), Err(TokenRefusal::CredentialGone));
}

#[tokio::test]
async fn a_remembered_token_dies_with_its_key_and_with_its_revocation() {
    let scene = Scene::new().await;
    let remembered = read_access_token(&scene.house.directory.current(), &scene.house.instance, &scene.text()).unwrap();
    let standing =
        || check_standing(&scene.house.directory.current(), scene.house.directory.revocations(), &remembered, NOW);
    assert_eq!(standing(), Ok(()));
    let revoked = Revoked::Token(scene.token.id.clone());
    let revocation = Revocation { revoked, revoked_at: NOW, expires_at: scene.token.expires_at };
    scene.house.directory.revoke(&revocation).await.unwrap();
    assert_eq!(standing(), Err(TokenRefusal::Revoked));

    let scene = Scene::new().await;
    let remembered = read_access_token(&scene.house.directory.current(), &scene.house.instance, &scene.text()).unwrap();
    let key_id: KeyId = KEY_ID.parse().unwrap();
    let end = NOW + Seconds(10);
    scene.house.db.transact(async |tx| signing_keys::retire(tx, &key_id, NOW, end).await).await.unwrap();
    scene.house.directory.refresh().await.unwrap();
    let at =
        |now| check_standing(&scene.house.directory.current(), scene.house.directory.revocations(), &remembered, now);
    assert_eq!(at(NOW + Seconds(9)), Ok(()));
    assert_eq!(at(end), Err(TokenRefusal::UnknownKey));
}

#[tokio::test]
async fn a_directory_that_was_not_confirmed_for_a_minute_answers_nothing() {
    let scene = Scene::new().await;
    assert!(scene.house.directory_at(NOW + Seconds(60)).is_ok());
    let later = NOW + Seconds(61);
    assert!(scene.house.directory_at(later).is_err());
    scene.clock.0.store(later.micros(), Ordering::SeqCst);
    scene.house.directory.refresh().await.unwrap();
    assert!(scene.house.directory_at(later).is_ok());
}

#[test]
fn every_refusal_has_a_reason_of_the_contract() {
    assert_eq!(TokenRefusal::Expired.reason().as_str(), "expired_token");
    assert_eq!(TokenRefusal::BadSignature.reason().as_str(), "bad_signature");
    assert_eq!(TokenRefusal::CredentialGone.reason().as_str(), "revoked_token");
    assert_eq!(TokenRefusal::WrongAudience.reason().as_str(), "invalid_token");
}
