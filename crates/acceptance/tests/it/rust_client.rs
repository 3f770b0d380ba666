//! The `openidconnect` crate, unmodified, as an application would use it.

use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse,
    core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims},
    http,
};
use tollgate_acceptance::{Browser, Tollgate};

/// Sends what the crate asks for.
async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = client.execute(request.try_into()?).await?;
    let mut response = http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    let body = answer.bytes().await?.to_vec();
    Ok(response.body(body).expect("an answer is made of what an answer had"))
}

#[tokio::test]
async fn the_openidconnect_crate_discovers_signs_in_verifies_asks_and_refreshes() {
    let tollgate = Tollgate::start().await;
    let app = tollgate.create_web_app().await;
    let person = tollgate.create_person("ada");
    let client = tollgate.http.clone();
    let http = move |request: HttpRequest| send(client.clone(), request);

    let issuer = IssuerUrl::new(tollgate.base_url.clone()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.unwrap();
    let secret = ClientSecret::new(app.credential.secret().to_owned());
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(app.id().to_owned()), Some(secret))
        .set_redirect_uri(RedirectUrl::new(app.redirect_uri.clone()).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, state, nonce) = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["email", "profile", "offline_access"].map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();

    let mut browser = Browser::new(&tollgate);
    let page = browser.open(address.as_str()).await;
    let page = browser.go_through(page, &person).await;
    assert_eq!(page.parameter("state").as_ref(), Some(state.secret()));
    let code = AuthorizationCode::new(page.parameter("code").unwrap());
    let tokens = client.exchange_code(code).unwrap().set_pkce_verifier(verifier).request_async(&http).await.unwrap();

    let id_token = tokens.id_token().unwrap();
    let id_token_verifier = client.id_token_verifier();
    let claims = id_token.claims(&id_token_verifier, &nonce).unwrap();
    assert_eq!(claims.subject().as_str(), person.id);
    let (algorithm, key) = (id_token.signing_alg().unwrap(), id_token.signing_key(&id_token_verifier).unwrap());
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).unwrap();
    assert_eq!(claims.access_token_hash(), Some(&hash));

    let asked = client.user_info(tokens.access_token().clone(), Some(claims.subject().clone())).unwrap();
    let told: CoreUserInfoClaims = asked.request_async(&http).await.unwrap();
    assert_eq!(told.email().map(|email| email.as_str()), Some(&*person.email));

    let refresh_token = tokens.refresh_token().unwrap();
    let fresh = client.exchange_refresh_token(refresh_token).unwrap().request_async(&http).await.unwrap();
    assert_ne!(fresh.access_token().secret(), tokens.access_token().secret());
    assert_ne!(fresh.refresh_token().unwrap().secret(), refresh_token.secret());
}
