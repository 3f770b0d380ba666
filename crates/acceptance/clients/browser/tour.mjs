// A walk through every page there is, in the states that people meet.
import { AuthenticatorApp } from './authenticator.mjs';
import {
  codeIn, demo, enterEmail, enterPassword, follow, mailTo, newPerson, press, shows, signIn, tollgate, type, visitor,
} from './fixture.mjs';

const { web_app: web, native_app: native } = demo.credentials;

export const allowSignUp = () => tollgate(['organization', 'update', demo.organization.id, '--self-sign-up', 'true']);

// A device that waits for somebody.
export async function waitingDevice(scope = 'openid profile email creative_sdk') {
  const discovery = await (await fetch(`${demo.base_url}/.well-known/openid-configuration`)).json();
  const body = new URLSearchParams({ client_id: native.client_id, scope });
  const answer = await fetch(discovery.device_authorization_endpoint, { method: 'POST', body });
  return answer.json();
}

// Sets an authenticator app up for whoever is signed in on `page`, and leaves it at the recovery codes.
export async function setUpAuthenticator(page, look = async () => {}, base = demo.base_url) {
  await page.goto(`${base}/account/authenticator`);
  await look('authenticator-off');
  await press(page, 'Set up');
  const app = new AuthenticatorApp(await page.locator('.groups code').innerText());
  await look('authenticator-offered');
  await type(page, 'Code that the app shows now', await app.code());
  await press(page, 'Confirm');
  await shows(page, 'Recovery codes');
  return app;
}

export function authorizeAddress(more = {}) {
  const query = new URLSearchParams({
    client_id: web.client_id, redirect_uri: `${demo.app_url}/callback`, response_type: 'code', scope: 'openid profile email', state: 's', ...more,
  });
  return `${demo.base_url}/ims/authorize/v2?${query}`;
}

async function beforeSignIn(page, look, person) {
  await page.goto(demo.app_url);
  await look('example-app');
  await follow(page, /^Sign in with/);
  await look('sign-in');
  await press(page, 'Continue');
  await enterEmail(page, person.email);
  await shows(page, 'Enter your password');
  await look('password');
  await type(page, 'Password', 'not the password 99');
  await press(page, 'Sign in');
  await page.getByRole('alert').waitFor();
  await look('password-wrong');
  await enterPassword(page, person.password);
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  await look('consent');
  await press(page, 'Allow');
  await shows(page, `Hello, ${person.name}`);
  await look('example-app-signed-in');
}

async function accountPages(page, look) {
  for (const room of ['', '/password', '/passkeys', '/sessions', '/applications', '/activity']) {
    await page.goto(`${demo.base_url}/account${room}`);
    for (const closed of await page.locator('main details:not([open]) > summary').all()) await closed.click();
    await look(`account${room.replace('/', '-')}`);
  }
  await setUpAuthenticator(page, look);
  await look('recovery-codes-fresh');
  await page.goto(`${demo.base_url}/account/recovery-codes`);
  await look('recovery-codes');
  await page.goto(`${demo.base_url}/account/authenticator`);
  await look('authenticator-on');
}

async function devicePages(page, look) {
  const { user_code: code } = await waitingDevice();
  await page.goto(`${demo.base_url}/device`);
  await look('device');
  await type(page, 'Code on the device', 'WRNG-CODE');
  await press(page, 'Continue');
  await look('device-wrong');
  await type(page, 'Code on the device', code);
  await press(page, 'Continue');
  await shows(page, /Connect .* on your device\?/);
  await look('device-confirm');
  await press(page, 'Allow');
  await shows(page, 'Your device is connected');
  await look('device-done');
}

async function endings(page, look, person) {
  await page.goto(authorizeAddress({ prompt: 'select_account' }));
  await shows(page, 'Choose an account');
  await look('choose-account');
  await page.goto(`${demo.base_url}/sign-out`);
  await look('sign-out');
  await press(page, 'Sign out');
  await shows(page, 'You are signed out');
  await look('signed-out');
  await signIn(page, person);
  await shows(page, 'One more step');
  await look('second-factor');
  await follow(page, 'Use a recovery code instead');
  await look('second-factor-recovery');
}

async function waysBackIn(page, look, person) {
  await page.goto(`${demo.base_url}/forgot`);
  await look('forgot');
  await type(page, 'E-mail address', person.email);
  await press(page, 'Send code');
  await shows(page, 'Check your e-mail');
  await look('enter-code');
  const code = codeIn(await mailTo(page, person.email, /./));
  await look('mail');
  await page.goto(`${demo.base_url}/dev/mail`);
  await look('mail-list');
  await page.goto(`${demo.base_url}/forgot/code`);
  await type(page, 'Eight-digit code', code);
  await press(page, 'Continue');
  await shows(page, 'Choose a new password');
  await look('new-password');
}

async function newcomers(page, look) {
  await allowSignUp();
  await page.context().clearCookies();
  await page.goto(authorizeAddress());
  await follow(page, 'Create an account');
  await shows(page, 'Create your account');
  await look('sign-up');
  const invited = await newPerson({ credential: ['--invite'] });
  await page.goto(invitationLink(invited.made));
  await look('invitation');
  const temporary = await newPerson({ credential: [] });
  await signIn(page, { email: temporary.email, password: secretOf(temporary.made) });
  await shows(page, 'Choose a new password');
  await look('expired-password');
  await page.goto(authorizeAddress({ redirect_uri: 'https://elsewhere.example/callback' }));
  await look('error');
  await page.goto(`${demo.base_url}/account/no-such-room`);
  await look('not-found');
}

// What the command that made an account shows once.
export const secretOf = (made) => made.one_time_password;
export const invitationLink = (made) => new URL(new URL(made.invitation).search, `${demo.base_url}/invitation`).href;

// Calls `look(name)` on every page, with a person who has an account and an application that uses it.
export async function everyPage(t, options, look) {
  const [page, person] = [await visitor(t, options), await newPerson()];
  const seen = async (name) => look(page, name);
  await beforeSignIn(page, seen, person);
  await signIn(await visitor(t, { ...options, userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1' }), person);
  await accountPages(page, seen);
  await devicePages(page, seen);
  await endings(page, seen, person);
  await waysBackIn(page, seen, person);
  await newcomers(page, seen);
}
