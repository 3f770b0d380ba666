// `oauth4webapi` as published, which checks every answer to the letter: a public client's whole life.
import assert from 'node:assert/strict';
import test from 'node:test';
import * as oauth from 'oauth4webapi';
import { demo } from './demo.mjs';
import { Browser, person } from './forms.mjs';

const { single_page_app: app } = demo.credentials;
const loose = { [oauth.allowInsecureRequests]: demo.base_url.startsWith('http:') };
const client = { client_id: app.client_id };
const issuer = new URL(demo.base_url);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, loose));
const none = oauth.None();

async function signedIn(scope, more = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: app.client_id, redirect_uri: app.redirect_uri, response_type: 'code', scope, state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
  });
  const back = await new Browser().signIn(url.href, app.redirect_uri);
  const parameters = oauth.validateAuthResponse(server, client, back, state);
  const response = await oauth.authorizationCodeGrantRequest(server, client, none, parameters, app.redirect_uri, verifier, loose);
  return oauth.processAuthorizationCodeResponse(server, client, response, { expectedNonce: nonce, requireIdToken: true });
}

test('the authorization server metadata of RFC 8414 says the same', async () => {
  const response = await oauth.discoveryRequest(issuer, { ...loose, algorithm: 'oauth2' });
  const metadata = await oauth.processDiscoveryResponse(issuer, response);
  assert.equal(metadata.token_endpoint, server.token_endpoint);
  assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
});

test('a public client signs a person in and reads userinfo', async () => {
  const tokens = await signedIn('openid profile email');
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  const response = await oauth.userInfoRequest(server, client, tokens.access_token, loose);
  const info = await oauth.processUserInfoResponse(server, client, claims.sub, response);
  assert.equal(info.email, person.email);
});

test('a public client refreshes, and the used token answers the same pair again for a moment', async () => {
  const tokens = await signedIn('openid offline_access');
  const refresh = async () => oauth.processRefreshTokenResponse(server, client,
    await oauth.refreshTokenGrantRequest(server, client, none, tokens.refresh_token, loose));
  const [first, again] = [await refresh(), await refresh()];
  assert.equal(again.refresh_token, first.refresh_token);
  assert.equal(again.access_token, first.access_token);
});

test('without offline_access there is no refresh token', async () => {
  assert.equal((await signedIn('openid')).refresh_token, undefined);
});

test('a public client without a code challenge is refused', async () => {
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({ client_id: app.client_id, redirect_uri: app.redirect_uri, response_type: 'code', scope: 'openid', state: 'x' });
  const { arrived } = await new Browser().open(url, { until: app.redirect_uri });
  assert.equal(arrived.searchParams.get('error'), 'invalid_request');
  assert.equal(arrived.searchParams.get('iss'), demo.base_url);
});

test('response_mode=form_post brings the answer in a form', async () => {
  const browser = new Browser();
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: app.client_id, redirect_uri: app.redirect_uri, response_type: 'code', scope: 'openid', state: 'x', prompt: 'none',
    response_mode: 'form_post', code_challenge: await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier()), code_challenge_method: 'S256',
  });
  const page = await browser.open(url);
  const form = page.form('state', 'x');
  assert.equal(form.action, app.redirect_uri);
  assert.equal(form.fields.find((field) => field.name === 'error').value, 'login_required');
});

test('a browser of the registered origin may call the token endpoint, and another may not', async () => {
  const asked = (origin) => fetch(server.token_endpoint, { method: 'POST', headers: { origin }, body: new URLSearchParams({ client_id: app.client_id, grant_type: 'refresh_token', refresh_token: 'x' }) });
  const own = new URL(app.redirect_uri).origin;
  assert.equal((await asked(own)).headers.get('access-control-allow-origin'), own);
  assert.equal((await asked('https://evil.test')).headers.get('access-control-allow-origin'), null);
});
