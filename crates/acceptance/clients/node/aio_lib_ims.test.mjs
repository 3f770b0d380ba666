// `@adobe/aio-lib-ims` knows one production host and no other. Name resolution brings it here: an ordinary
// HTTPS proxy (proxy.mjs, named by HTTPS_PROXY) that connects that host name to this machine's Tollgate, whose
// certificate is trusted through NODE_EXTRA_CA_CERTS. The client itself is as published.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { demo } from './demo.mjs';
import { Browser } from './forms.mjs';

const require = createRequire(import.meta.url);
const { Ims, getTokenData, ValidationCache } = require('@adobe/aio-lib-ims');
const jsonwebtoken = require('jsonwebtoken');
const { server_to_server: server, service_account: account, api_key: key, web_app: web } = demo.credentials;
const ims = new Ims('prod');

const serverToken = () =>
  ims.getAccessTokenByClientCredentials(server.client_id, server.client_secret, demo.organization.id, server.scopes);

test('the client talks to the production host name', () => {
  assert.equal(ims.getApiUrl('/ims'), 'https://ims-na1.adobelogin.com/ims');
});

test('client credentials give a token whose expiry the client can compute', async () => {
  const { access_token: access, payload } = await serverToken();
  assert.equal(payload.token_type, 'bearer');
  assert.ok(payload.expires_in > 86_000 && payload.expires_in <= 86_400, `seconds: ${payload.expires_in}`);
  const left = access.expiry - Date.now();
  assert.ok(left > 86_000_000 && left <= 86_400_000, `milliseconds: ${left}`);
  const claims = getTokenData(access.token);
  assert.equal(claims.user_id, server.technical_account_id);
  assert.equal(claims.type, 'access_token');
});

test('a token finds its environment again', async () => {
  const { access_token: access } = await serverToken();
  assert.equal((await Ims.fromToken(access.token)).ims.endpoint, 'https://ims-na1.adobelogin.com');
});

test('a service account JWT is exchanged', async () => {
  const now = Math.floor(Date.now() / 1000);
  const claims = { exp: now + 300, iss: account.organization_id, sub: account.technical_account_id,
    aud: ims.getApiUrl(`/c/${account.client_id}`) };
  for (const name of account.metascopes) claims[ims.getApiUrl(`/s/${name}`)] = true;
  const jwt = jsonwebtoken.sign(claims, readFileSync(account.private_key_file), { algorithm: 'RS256' });
  const { access_token: access, payload } = await ims.exchangeJwtToken(account.client_id, account.client_secret, jwt);
  assert.ok(payload.expires_in > 86_000_000, `milliseconds: ${payload.expires_in}`);
  assert.equal(getTokenData(access.token).user_id, account.technical_account_id);
});

test('a wrong secret is told with the server\'s own words', async () => {
  await assert.rejects(
    ims.getAccessTokenByClientCredentials(server.client_id, 'p8e-wrong', demo.organization.id, server.scopes),
    /400/);
});

test('a token is valid until it is invalidated, and then no more', async () => {
  const { access_token: access } = await serverToken();
  const fresh = await ims.validateToken(access.token, server.client_id);
  assert.equal(fresh.valid, true);
  assert.equal(await ims.invalidateToken(access.token, server.client_id, server.client_secret), '');
  const ended = await ims.validateToken(access.token, server.client_id);
  assert.equal(ended.valid, false);
});

test('the validation allow list accepts its own client and refuses another', async () => {
  const { access_token: access } = await serverToken();
  const own = new Ims('prod', new ValidationCache(60_000, 100, 100));
  assert.equal((await own.validateTokenAllowList(access.token, [server.client_id])).valid, true);
  assert.equal((await own.validateTokenAllowList(access.token, [key.client_id])).valid, false);
});

// The address that the client builds names its fixed host; the person's browser goes to the same system by its own name.
async function code(scope) {
  const url = new URL(ims.getSusiUrl(web.client_id, scope, web.redirect_uri, 'a state'));
  assert.equal(url.pathname, '/ims/authorize/v1');
  const back = await new Browser().signIn(demo.base_url + url.pathname + url.search, web.redirect_uri);
  assert.equal(back.searchParams.get('state'), 'a state');
  return back.searchParams.get('code');
}

test('a code of a person gives tokens that the client can read, and the refresh token gives new ones', async () => {
  const first = await ims.getAccessToken(await code('openid,AdobeID,offline_access'), web.client_id, web.client_secret, 'openid,AdobeID,offline_access');
  assert.ok(first.access_token.expiry > Date.now());
  assert.ok(first.refresh_token.expiry > first.access_token.expiry);
  const second = await ims.getAccessToken(first.refresh_token.token, web.client_id, web.client_secret, 'openid,AdobeID,offline_access');
  assert.equal(getTokenData(second.access_token.token).user_id, getTokenData(first.access_token.token).user_id);
  assert.equal((await ims.validateToken(second.access_token.token, web.client_id)).valid, true);
  assert.equal(await ims.invalidateToken(second.refresh_token.token, web.client_id, web.client_secret), '');
  assert.equal((await ims.validateToken(second.access_token.token, web.client_id)).valid, false);
});

test('a bogus code is refused in the words that the client expects', async () => {
  const used = await code('openid');
  await ims.getAccessToken(used, web.client_id, web.client_secret, 'openid');
  await assert.rejects(ims.getAccessToken(used, web.client_id, web.client_secret, 'openid'), /access_denied/);
});

test('a person and a technical account see their organization', async () => {
  const { access_token: ofPerson } = await ims.getAccessToken(await code('openid,AdobeID,read_organizations'), web.client_id, web.client_secret);
  for (const { token } of [ofPerson, (await serverToken()).access_token]) {
    const organizations = await ims.getOrganizations(token);
    assert.ok(Array.isArray(organizations));
    assert.equal(`${organizations[0].orgRef.ident}@${organizations[0].orgRef.authSrc}`, demo.organization.id);
  }
});
