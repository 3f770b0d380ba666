import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import { demo } from './demo.mjs';

const auth = createRequire(import.meta.url)('@adobe/jwt-auth');
const { service_account: account } = demo.credentials;
const options = {
  clientId: account.client_id,
  clientSecret: account.client_secret,
  technicalAccountId: account.technical_account_id,
  orgId: account.organization_id,
  metaScopes: account.metascopes,
  privateKey: readFileSync(account.private_key_file, 'utf8'),
  ims: demo.base_url,
};

test('a JWT is exchanged and the token opens the API', async () => {
  const answer = await auth(options);
  assert.equal(answer.token_type, 'bearer');
  assert.ok(answer.expires_in > 86_000_000, `milliseconds: ${answer.expires_in}`);
  const response = await fetch(`${demo.gateway_url}/target/v1/activities`, {
    headers: { 'x-api-key': account.client_id, authorization: `Bearer ${answer.access_token}` },
  });
  assert.equal(response.status, 200, await response.clone().text());
  assert.equal((await response.json()).path, '/target/v1/activities');
});

test('metascopes may be given as a comma separated text', async () => {
  assert.ok((await auth({ ...options, metaScopes: account.metascopes.join(',') })).access_token);
});

test('a key that no certificate matches is refused with the words of the server', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await assert.rejects(auth({ ...options, privateKey: pem }), (error) => {
    assert.equal(error.code, 'invalid_token');
    assert.match(error.message, /Could not match JWT signature to any of the bindings/);
    return true;
  });
});

test('a metascope that is not granted is refused with the words of the server', async () => {
  await assert.rejects(auth({ ...options, metaScopes: ['ent_nobody_has_sdk'] }), (error) => {
    assert.equal(error.code, 'invalid_scope');
    assert.match(error.message, /not a subset of the metascopes in the binding/);
    return true;
  });
});

test('a wrong secret is refused', async () => {
  await assert.rejects(auth({ ...options, clientSecret: 'p8e-wrong' }), { code: 'invalid_client' });
});
