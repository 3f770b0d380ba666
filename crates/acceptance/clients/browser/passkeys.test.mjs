// Passkeys, with an authenticator that Chromium plays. Browsers keep none for an IP address, so a demo of its own is
// started that is called `localhost`.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { demo as plain, follow, newPerson, press, shows, signIn, type, visitor } from './fixture.mjs';
import { setUpAuthenticator } from './tour.mjs';

const START_MILLIS_MAX = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'tollgate-localhost-'));
const where = ['--dir', join(folder, 'home')];
let running;
let base;

before(async () => {
  const document = join(folder, 'demo.json');
  const options = ['--host', 'localhost', '--port', '0', '--gateway-port', '0', '--app-port', '0', '--json', document];
  running = spawn(process.env.TOLLGATE, ['demo', ...where, ...options], { stdio: 'ignore' });
  const until = Date.now() + START_MILLIS_MAX;
  while (!existsSync(document)) {
    assert.ok(Date.now() < until && running.exitCode === null, 'the demo does not start');
    await sleep(50);
  }
  base = JSON.parse(readFileSync(document, 'utf8')).base_url;
});

after(async () => {
  running.kill('SIGINT');
  if (running.exitCode === null) await once(running, 'exit');
  rmSync(folder, { recursive: true });
});

// A browser with an authenticator built in that has the person's fingerprint.
async function visitorWithAuthenticator(t, options) {
  const page = await visitor(t, options);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  const verifies = (yes) => devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: yes });
  // Without it, requests wait, also the one that a page makes for the suggestions of its e-mail field.
  const presence = (enabled) => devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  return { page, presence, verifies };
}

async function withPasskey(t) {
  const [{ page, presence, verifies }, person] = [await visitorWithAuthenticator(t), await newPerson({ where })];
  await presence(false);
  await signIn(page, person, base);
  await page.goto(`${base}/account/passkeys`);
  await presence(true);
  await type(page, 'Name of the passkey', 'Work laptop');
  await press(page, 'Add a passkey');
  await page.getByText('The passkey is ready to use.').waitFor();
  await page.getByText('Work laptop').first().waitFor();
  await presence(false);
  return { page, person, presence, verifies };
}

async function signOut(page) {
  await page.goto(`${base}/sign-out`);
  await press(page, 'Sign out');
  await shows(page, 'You are signed out');
}

test('a passkey is added, and signs its owner in without address or password', async (t) => {
  const { page, person, presence } = await withPasskey(t);
  await signOut(page);
  // A browser that makes no suggestions, so that nothing but the button asks.
  await page.addInitScript(() => { window.PublicKeyCredential.isConditionalMediationAvailable = async () => false; });
  await page.goto(`${base}/sign-in`);
  await presence(true);
  await press(page, 'Sign in with a passkey');
  await shows(page, 'Profile');
  await page.getByRole('main').getByText(person.email).waitFor();
  await page.goto(`${base}/account/activity`);
  await page.getByText('Signed in with a passkey').first().waitFor();
});

test('a passkey stands among the suggestions of the e-mail field', async (t) => {
  const { page, person, presence } = await withPasskey(t);
  await signOut(page);
  await presence(true);
  await page.goto(`${base}/sign-in`);
  await shows(page, 'Profile');
  await page.getByRole('main').getByText(person.email).waitFor();
});

test('a passkey whose owner was not verified opens nothing', async (t) => {
  const { page, presence, verifies } = await withPasskey(t);
  await signOut(page);
  await page.goto(`${base}/sign-in`);
  await verifies(false);
  await presence(true);
  await press(page, 'Sign in with a passkey');
  await sleep(500);
  await page.goto(`${base}/account`);
  await shows(page, 'Sign in');
});

test('a passkey is renamed, and removed while there is another way in', async (t) => {
  const { page } = await withPasskey(t);
  await page.getByText('Rename or remove').click();
  await page.getByLabel('Label').fill('Old laptop');
  await press(page, 'Rename');
  await page.getByText('The passkey has a new name.').waitFor();
  await page.getByText('Old laptop').first().waitFor();
  await page.getByText('Rename or remove').click();
  await press(page, 'Remove');
  await page.getByText('The passkey is removed.').waitFor();
  await page.getByText('You have no passkeys yet.').waitFor();
});

test('a passkey does for the second step', async (t) => {
  const { page, person, presence } = await withPasskey(t);
  await setUpAuthenticator(page, undefined, base);
  await signOut(page);
  await signIn(page, person, base);
  await shows(page, 'One more step');
  await presence(true);
  await press(page, 'Sign in with a passkey');
  await shows(page, 'Profile');
});

test('where browsers keep no passkeys, none are offered', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await page.goto(`${plain.base_url}/sign-in`);
  const offered = await page.getByRole('button', { name: 'Sign in with a passkey' }).count();
  const possible = /^https:|\/\/localhost/.test(plain.base_url) && !/\/\/[\d.]+(:|$)/.test(plain.base_url);
  assert.equal(offered > 0, possible);
  await signIn(page, person);
  await follow(page, 'Passkeys');
  assert.equal(await page.getByText('Passkeys cannot be used here').count() === 0, possible);
});
