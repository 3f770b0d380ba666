// Any JWT library can check our tokens with nothing but the published keys.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { demo } from './demo.mjs';

const { server_to_server: server } = demo.credentials;

test('a token verifies against the discovered keys with issuer, audience and expiry', async () => {
  const discovery = await (await fetch(`${demo.base_url}/.well-known/oauth-authorization-server`)).json();
  assert.equal(discovery.issuer, demo.base_url);
  const answer = await fetch(discovery.token_endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${server.client_id}:${server.client_secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: server.scopes.join(' ') }),
  });
  const { access_token: token } = await answer.json();
  const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(discovery.jwks_uri)), {
    issuer: discovery.issuer, typ: 'at+jwt',
  });
  assert.equal(protectedHeader.alg, 'ES256');
  assert.equal(payload.sub, server.technical_account_id);
  assert.equal(payload.client_id, server.client_id);
  assert.ok(token.length < 2048, `${token.length} bytes`);
});
