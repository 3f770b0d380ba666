// `openid-client` as published: discovery, code flow, userinfo, refresh, revocation, introspection, sign-out, pushed
// requests, proofs of possession, the device flow and token exchange.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as oidc from 'openid-client';
import { demo } from './demo.mjs';
import { Browser, person } from './forms.mjs';

const { web_app: web, native_app: native } = demo.credentials;
const SCOPE = 'openid profile email offline_access creative_sdk';
// The demo speaks plain HTTP on loopback unless it was started with --tls.
const options = demo.base_url.startsWith('http:') ? { execute: [oidc.allowInsecureRequests] } : {};
const basic = () => oidc.discovery(new URL(demo.base_url), web.client_id, web.client_secret, oidc.ClientSecretBasic(web.client_secret), options);

async function attempt(config, more = {}) {
  const checks = { pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce(), idTokenExpected: true };
  const parameters = {
    redirect_uri: web.redirect_uri, scope: SCOPE, state: checks.expectedState, nonce: checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier), code_challenge_method: 'S256', ...more,
  };
  return { checks, parameters };
}

async function signedIn(config, browser = new Browser(), more = {}, grant = {}) {
  const { checks, parameters } = await attempt(config, more);
  const back = await browser.signIn(oidc.buildAuthorizationUrl(config, parameters).href, web.redirect_uri);
  return oidc.authorizationCodeGrant(config, back, checks, undefined, grant);
}

test('a person signs in, and the client accepts the id_token and userinfo', async () => {
  const config = await basic();
  const tokens = await signedIn(config);
  const claims = tokens.claims();
  assert.equal(claims.aud, web.client_id);
  assert.ok(claims.auth_time && claims.sid && claims.amr.includes('pwd'));
  const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.equal(info.email, person.email);
  assert.equal(info.email_verified, true);
});

test('a second sign-in in the same browser asks nothing, and prompt=none succeeds', async () => {
  const config = await basic();
  const browser = new Browser();
  await signedIn(config, browser);
  const { checks, parameters } = await attempt(config, { prompt: 'none' });
  const page = await browser.open(oidc.buildAuthorizationUrl(config, parameters).href, { until: web.redirect_uri });
  assert.ok(page.arrived, page.title);
  assert.ok((await oidc.authorizationCodeGrant(config, page.arrived, checks)).access_token);
});

test('prompt=none without a session is refused with login_required', async () => {
  const config = await basic();
  const { checks, parameters } = await attempt(config, { prompt: 'none' });
  const page = await new Browser().open(oidc.buildAuthorizationUrl(config, parameters).href, { until: web.redirect_uri });
  await assert.rejects(oidc.authorizationCodeGrant(config, page.arrived, checks), (error) => error.error === 'login_required');
});

test('a person who does not agree comes back with access_denied', async () => {
  const config = await basic();
  const browser = new Browser();
  const { checks, parameters } = await attempt(config, { prompt: 'consent' });
  const back = await browser.signIn(oidc.buildAuthorizationUrl(config, parameters).href, web.redirect_uri, person, 'cancel');
  await assert.rejects(oidc.authorizationCodeGrant(config, back, checks), (error) => error.error === 'access_denied');
});

test('a refresh token gives a new pair, and revoking it ends the access token too', async () => {
  const config = await basic();
  const first = await signedIn(config);
  const second = await oidc.refreshTokenGrant(config, first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.equal((await oidc.tokenIntrospection(config, second.access_token)).active, true);
  await oidc.tokenRevocation(config, second.refresh_token);
  assert.equal((await oidc.tokenIntrospection(config, second.access_token)).active, false);
  await assert.rejects(oidc.refreshTokenGrant(config, second.refresh_token), (error) => error.error === 'invalid_grant');
});

test('a code is good once', async () => {
  const config = await basic();
  const { checks, parameters } = await attempt(config);
  const back = await new Browser().signIn(oidc.buildAuthorizationUrl(config, parameters).href, web.redirect_uri);
  const tokens = await oidc.authorizationCodeGrant(config, back, checks);
  await assert.rejects(oidc.authorizationCodeGrant(config, back, checks), (error) => error.error === 'invalid_grant');
  assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, false);
});

test('an authorization request can be pushed', async () => {
  const config = await basic();
  const { checks, parameters } = await attempt(config);
  const url = await oidc.buildAuthorizationUrlWithPAR(config, parameters);
  assert.ok(url.searchParams.get('request_uri').startsWith('urn:ietf:params:oauth:request_uri:'));
  const back = await new Browser().signIn(url.href, web.redirect_uri);
  assert.ok((await oidc.authorizationCodeGrant(config, back, checks)).access_token);
});

test('tokens can be bound to a key, and userinfo wants the proof', async () => {
  const config = await basic();
  const handle = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
  const tokens = await signedIn(config, new Browser(), {}, { DPoP: handle });
  assert.equal(tokens.token_type, 'dpop');
  const info = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP: handle });
  assert.equal(info.email, person.email);
  const bare = await fetch(config.serverMetadata().userinfo_endpoint, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assert.equal(bare.status, 401);
  const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: handle });
  assert.equal(refreshed.token_type, 'dpop');
});

test('a person signs out at the client\'s wish and comes back to it', async () => {
  const config = await basic();
  const browser = new Browser();
  const tokens = await signedIn(config, browser);
  const target = 'http://localhost:3000/';
  const url = oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: target, id_token_hint: tokens.id_token, state: 's-1' });
  const page = await browser.open(url.href, { until: target });
  assert.equal(page.arrived?.searchParams.get('state'), 's-1', page.title);
  assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, false);
});

test('a device signs a person in by a code that they enter elsewhere', async () => {
  const config = await oidc.discovery(new URL(demo.base_url), native.client_id, undefined, oidc.None(), options);
  const codes = await oidc.initiateDeviceAuthorization(config, { scope: 'openid email' });
  const browser = new Browser();
  let page = await browser.open(codes.verification_uri_complete ?? codes.verification_uri);
  for (let step = 0; step < 6 && !/\/device\/done/.test(page.url); step += 1) {
    const has = (name) => page.forms.some((form) => form.fields.some((field) => field.name === name));
    if (has('password')) page = await browser.submit(page, { password: person.password });
    else if (has('email')) page = await browser.submit(page, { email: person.email });
    else if (has('decision')) {
      page = await browser.submit(page, { decision: 'allow' });
      break;
    } else page = await browser.submit(page, { user_code: codes.user_code });
  }
  const tokens = await oidc.pollDeviceAuthorizationGrant(config, codes);
  assert.ok(tokens.access_token);
});

test('a token of a person is exchanged for one with fewer scopes, never more', async () => {
  const config = await basic();
  const tokens = await signedIn(config);
  const exchange = (scope) => oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token: tokens.access_token, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token', scope });
  const fewer = await exchange('openid');
  assert.equal(fewer.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token');
  await assert.rejects(exchange('openid AdobeID'), (error) => error.error === 'invalid_scope');
});
