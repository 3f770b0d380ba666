//! What was disabled, deleted or has expired gets through no door (row 8).

use serde_json::{Value, json};
use tollgate_acceptance::{Credential, jwt};

use super::{Scene, now_seconds, until};

/// The doors, in the order in which they are tried.
const DOORS: [&str; 9] = [
    "token by secret",
    "token by assertion",
    "exchange",
    "introspecting",
    "validate",
    "introspected",
    "gateway by key",
    "gateway by token of the secret",
    "gateway by token of the exchange",
];

/// A credential pair with a token each from before the change, and a witness that nothing happens to.
struct Subject<'a> {
    scene: &'a Scene,
    server: Credential,
    account: Credential,
    witness: &'a Credential,
    tokens: [String; 2],
}

impl<'a> Subject<'a> {
    async fn new(scene: &'a Scene, witness: &'a Credential) -> Self {
        let server = scene.tollgate.create_credential("oauth_server_to_server", &["Campaign", "Weather"]).await;
        let account = scene.service_account().await;
        let exchanged = account.exchange(&scene.tollgate, &account.signed(&account.claims(&scene.tollgate))).await;
        let exchanged = exchanged.body["access_token"].as_str().unwrap_or_else(|| panic!("{exchanged:?}")).to_owned();
        let tokens = [server.token(&scene.tollgate).await, exchanged];
        let subject = Self { scene, server, account, witness, tokens };
        assert_eq!(subject.open_doors().await, DOORS, "before the change");
        subject
    }

    /// Which doors let the subject through.
    async fn open_doors(&self) -> Vec<&'static str> {
        let Self { scene, server, account, witness, tokens } = self;
        let tollgate = &scene.tollgate;
        let assertion = json!({
            "iss": account.id(), "sub": account.id(), "aud": tollgate.base_url, "exp": now_seconds() + 60,
        });
        let assertion = jwt::signed(r#"{"alg":"RS256"}"#, &assertion.to_string(), account.key());
        let asserted = [
            ("grant_type", "client_credentials"),
            ("client_id", account.id()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        let answers = [
            tollgate.post("/ims/token/v3", &server.client_credentials()).await,
            tollgate.post("/ims/token/v3", &asserted).await,
            account.exchange(tollgate, &account.signed(&account.claims(tollgate))).await,
            scene.introspect(&witness.token(tollgate).await, server).await,
            scene.validate(&tokens[0], server).await,
            scene.introspect(&tokens[0], witness).await,
            tollgate.call("/weather/x", server.id(), None).await,
            tollgate.call("/campaign/x", server.id(), Some(&tokens[0])).await,
            tollgate.call("/campaign/x", account.id(), Some(&tokens[1])).await,
        ];
        let says_no = |body: &Value| body["valid"] == false || body["active"] == false;
        let is_open = |(_, answer): &(&str, _)| {
            let answer: &tollgate_acceptance::Answer = answer;
            answer.status == 200 && !says_no(&answer.body)
        };
        DOORS.into_iter().zip(answers).filter(is_open).map(|(door, _)| door).collect()
    }

    /// Makes a change, after which exactly these doors are open still.
    async fn change(&self, change: &[&str], still_open: &[&str]) {
        self.scene.tollgate.administer(change);
        self.expect(&change.join(" "), still_open).await;
    }

    /// A command is in effect when it returns, or a moment later.
    async fn expect(&self, change: &str, still_open: &[&str]) {
        let open = until(|open: &Vec<_>| open == still_open, async || self.open_doors().await).await;
        assert_eq!(open, still_open, "{change}");
    }
}

#[tokio::test]
async fn a_disabled_or_deleted_credential_or_organization_gets_through_no_door() {
    let scene = Scene::new().await;
    let subject = Subject::new(&scene, &scene.credential).await;
    let others: Vec<&str> =
        DOORS.into_iter().filter(|door| door.contains("assertion") || door.contains("exchange")).collect();
    let both = [subject.server.id(), subject.account.id()];
    subject.change(&["credential", "disable", both[0]], &others).await;
    subject.change(&["credential", "disable", both[1]], &[]).await;
    scene.tollgate.administer(&["credential", "enable", both[1]]);
    subject.change(&["credential", "enable", both[0]], &DOORS).await;

    let organization = subject.server.created["organization_id"].as_str().unwrap();
    scene.tollgate.administer(&["organization", "disable", organization]);
    let refused = scene.tollgate.post("/ims/token/v3", &scene.credential.client_credentials()).await;
    assert_eq!(refused.status, 400, "{refused:?}");
    for (credential, token) in [(&subject.server, &subject.tokens[0]), (&subject.account, &subject.tokens[1])] {
        let called = scene.tollgate.call("/campaign/x", credential.id(), Some(token)).await;
        assert_eq!(called.status, 403, "{called:?}");
        assert_eq!(scene.validate(token, credential).await.body["valid"], false);
    }
    let keyed = scene.tollgate.call("/weather/x", subject.server.id(), None).await;
    assert_eq!(keyed.status, 403, "{keyed:?}");
    subject.change(&["organization", "enable", organization], &DOORS).await;

    subject.change(&["credential", "delete", both[0]], &others).await;
    subject.change(&["credential", "delete", both[1]], &[]).await;
}

#[tokio::test]
async fn a_deleted_or_expired_secret_or_certificate_proves_nothing() {
    let scene = Scene::new().await;
    let subject = Subject::new(&scene, &scene.credential).await;
    let by_secret = ["token by secret", "introspecting"];
    let without_secret: Vec<&str> = DOORS.into_iter().filter(|door| !by_secret.contains(door)).collect();
    let secrets = scene.tollgate.administer(&["secret", "list", "--credential", subject.server.id()]);
    let secret = secrets[0]["id"].as_str().unwrap();
    subject.change(&["secret", "delete", "--credential", subject.server.id(), secret], &without_secret).await;

    let fingerprint = subject.account.created["certificates"][0]["fingerprint"].as_str().unwrap();
    let by_certificate = ["token by assertion", "exchange"];
    let rest: Vec<&str> = without_secret.into_iter().filter(|door| !by_certificate.contains(door)).collect();
    subject.change(&["certificate", "delete", "--credential", subject.account.id(), fingerprint], &rest).await;

    // The same key again, with a certificate for a few seconds; and a secret for as long.
    let (begin, end) = (now_seconds() - 60, now_seconds() + 3);
    let short = tollgate_crypto::certificate::self_signed(subject.account.key(), "x", begin, end).unwrap();
    let file = scene.tollgate.file("short.pem");
    std::fs::write(&file, short).unwrap();
    let file = file.display().to_string();
    scene.tollgate.administer(&["certificate", "create", "--credential", subject.account.id(), "--certificate", &file]);
    let arguments = ["secret", "create", "--credential", subject.server.id(), "--expires-in", "2s"];
    let short = scene.tollgate.administer(&arguments)["client_secret"].as_str().unwrap().to_owned();
    let form =
        |secret| [("grant_type", "client_credentials"), ("client_id", subject.server.id()), ("client_secret", secret)];
    assert_eq!(scene.tollgate.post("/ims/token/v3", &form(&short)).await.status, 200);
    let with_certificate = subject.open_doors().await;
    assert!(by_certificate.iter().all(|door| with_certificate.contains(door)), "{with_certificate:?}");
    let left = u64::try_from(end + 1 - now_seconds()).unwrap_or(0);
    tokio::time::sleep(std::time::Duration::from_secs(left)).await;
    assert_eq!(scene.tollgate.post("/ims/token/v3", &form(&short)).await.status, 400);
    assert_eq!(subject.open_doors().await, rest);
}

#[tokio::test]
async fn without_its_subscription_or_service_a_credential_reaches_no_api() {
    let scene = Scene::new().await;
    let subject = Subject::new(&scene, &scene.credential).await;
    let at_gateway = |door: &&str| door.starts_with("gateway");
    let identity: Vec<&str> = DOORS.into_iter().filter(|door| !at_gateway(door)).collect();
    let one_left: Vec<&str> = DOORS.into_iter().filter(|door| *door != "gateway by token of the secret").collect();
    let end = ["subscription", "delete", "--credential", subject.server.id(), "--service", "Campaign"];
    subject.change(&end, &one_left).await;
    let form = [&subject.server.client_credentials()[..], &[("scope", "campaign_sdk")]].concat();
    let refused = scene.tollgate.post("/ims/token/v3", &form).await;
    assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_scope")), "{refused:?}");
    let granted = subject.server.token(&scene.tollgate).await;
    assert!(!jwt::open(&granted).1["scope"].as_str().unwrap().contains("campaign_sdk"), "{granted}");

    let end = ["subscription", "delete", "--credential", subject.account.id(), "--service", "Campaign"];
    let neither: Vec<&str> =
        identity.iter().copied().filter(|door| *door != "exchange").chain(["gateway by key"]).collect();
    subject.change(&end, &neither).await;
    for (credential, service) in [(&subject.server, "Campaign"), (&subject.account, "Campaign")] {
        scene.tollgate.administer(&["subscription", "create", "--credential", credential.id(), "--service", service]);
    }
    subject.expect("subscribed again", &DOORS).await;

    scene.tollgate.administer(&["service", "disable", "Weather"]);
    subject.change(&["service", "disable", "Campaign"], &identity).await;
    let called = scene.tollgate.call("/campaign/x", subject.server.id(), Some(&subject.tokens[0])).await;
    assert_eq!((called.status, called.body["error_code"].as_str()), (503, Some("503080")), "{called:?}");
    scene.tollgate.administer(&["service", "enable", "Weather"]);
    subject.change(&["service", "enable", "Campaign"], &DOORS).await;
}
