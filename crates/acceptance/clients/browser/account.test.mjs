// The account pages: what a person sees and changes of their own.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  demo, enterEmail, enterPassword, follow, newPerson, press, shows, signIn, signInToApp, tollgate, type, visitor,
} from './fixture.mjs';
import { authorizeAddress, setUpAuthenticator, waitingDevice } from './tour.mjs';

const account = (room = '') => `${demo.base_url}/account${room}`;

test('a person changes their name and country, and applications see it', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await signIn(page, person);
  await type(page, 'Name', 'Robin Renamed');
  await page.getByLabel('Country or region').selectOption('CH');
  await press(page, 'Save changes');
  await page.getByText('Your profile is saved.').waitFor();
  assert.equal(await page.getByLabel('Country or region').inputValue(), 'CH');
  await signInAgainToApp(page, 'Robin Renamed');
});

async function signInAgainToApp(page, name) {
  await page.goto(demo.app_url);
  await follow(page, /^Sign in with/);
  await press(page, 'Allow');
  await shows(page, `Hello, ${name}`);
}

test('a new password ends all other sessions, and the old one opens nothing', async (t) => {
  const [page, elsewhere, person] = [await visitor(t), await visitor(t), await newPerson()];
  await signIn(elsewhere, person);
  await signIn(page, person);
  await page.goto(account('/password'));
  await type(page, 'Current password', person.password);
  await type(page, 'New password', 'password1234');
  await press(page, 'Save password');
  await page.getByRole('alert').getByText(/Many people use|easy to guess/).waitFor();
  await type(page, 'Current password', person.password);
  await type(page, 'New password', 'quiet harbour basalt 71');
  await press(page, 'Save password');
  await page.getByText('Your password is changed.').waitFor();
  await elsewhere.goto(account());
  await shows(elsewhere, 'Sign in');
  await signIn(elsewhere, person);
  await elsewhere.getByRole('alert').waitFor();
  await signIn(elsewhere, { ...person, password: 'quiet harbour basalt 71' });
  await shows(elsewhere, 'Profile');
});

test('a person sees where they are signed in, and signs out everywhere else', async (t) => {
  const person = await newPerson();
  const phone = await visitor(t, { userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1' });
  await signIn(phone, person);
  const page = await visitor(t);
  await signIn(page, person);
  await page.goto(account('/sessions'));
  assert.equal(await page.getByRole('main').getByRole('listitem').count(), 2);
  await page.getByText(/iPhone|iOS/).first().waitFor();
  await press(page, 'Sign out everywhere else');
  await page.getByText('All other browsers are signed out.').waitFor();
  assert.equal(await page.getByRole('main').getByRole('listitem').count(), 1);
  await phone.goto(account());
  await shows(phone, 'Sign in');
});

test('one other session can be ended alone', async (t) => {
  const [one, two, page, person] = [await visitor(t), await visitor(t), await visitor(t), await newPerson()];
  for (const browser of [one, two, page]) await signIn(browser, person);
  await page.goto(account('/sessions'));
  await page.getByRole('main').getByRole('button', { name: /^Sign out(?! everywhere)/ }).first().click();
  await page.getByText('That browser is signed out.').waitFor();
  assert.equal(await page.getByRole('main').getByRole('listitem').count(), 2);
});

test('a disconnected application asks for consent again, and its tokens are dead', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await signInToApp(page, person);
  await page.goto(account('/applications'));
  await press(page, /^Disconnect/);
  await page.getByText('The application is disconnected.').waitFor();
  await page.getByText('No application uses your account.').waitFor();
  await page.goto(demo.app_url);
  if (await page.getByRole('button', { name: 'Refresh the token' }).count()) {
    await press(page, 'Refresh the token');
    await shows(page, 'That did not work');
  }
  await page.context().clearCookies({ name: 'example_app_visit' });
  await signInAgainToApp(page, person.name);
});

test('consent is asked again for more than was agreed to, and tells what is new', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await signIn(page, person);
  await page.goto(authorizeAddress({ scope: 'openid email' }));
  await press(page, 'Allow');
  await shows(page, 'That did not work');
  await page.goto(authorizeAddress({ scope: 'openid email profile' }));
  await page.getByRole('heading', { name: /new/i }).waitFor();
  await press(page, 'Cancel');
  await page.waitForURL(/example|callback/);
  assert.equal(new URL(page.url()).searchParams.get('error'), 'access_denied');
});

test('the activity tells what happened, latest first', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await signInToApp(page, person);
  await page.goto(account('/activity'));
  const entries = await page.getByRole('main').getByRole('listitem').allInnerTexts();
  assert.match(entries[0], /Application connected/);
  assert.ok(entries.some((entry) => entry.includes('Signed in with password')), entries.join('\n'));
});

test('an authenticator app is asked for after the password, each code once', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await signIn(page, person);
  const app = await setUpAuthenticator(page);
  const elsewhere = await visitor(t);
  await signIn(elsewhere, person);
  await shows(elsewhere, 'One more step');
  const code = await app.code();
  await type(elsewhere, 'Code from your authenticator app', code);
  await press(elsewhere, 'Continue');
  await shows(elsewhere, 'Profile');
  const third = await visitor(t);
  await signIn(third, person);
  await type(third, 'Code from your authenticator app', code);
  await press(third, 'Continue');
  await third.getByRole('alert').getByText('This code is not right.').waitFor();
  await third.goto(account());
  await shows(third, 'Sign in');
});

test('a recovery code lets its owner in once in place of the app', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await signIn(page, person);
  await setUpAuthenticator(page);
  const codes = await page.locator('.codes code').allInnerTexts();
  assert.equal(codes.length, 10);
  for (const [attempt, expected] of [[codes[0], 'Profile'], [codes[0], 'One more step'], [codes[1], 'Profile']]) {
    const elsewhere = await visitor(t);
    await signIn(elsewhere, person);
    await follow(elsewhere, 'Use a recovery code instead');
    await type(elsewhere, 'Recovery code', attempt);
    await press(elsewhere, 'Continue');
    await shows(elsewhere, expected);
  }
  await page.goto(account('/recovery-codes'));
  await page.getByText('You have 8 unused codes left.').waitFor();
});

test('the codes are shown once', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await signIn(page, person);
  await setUpAuthenticator(page);
  await page.goto(account('/authenticator'));
  await page.goto(account('/recovery-codes'));
  assert.equal(await page.locator('.codes').count(), 0);
});

test('a device gets its tokens when its code is confirmed, and nothing when it is refused', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  for (const [decision, title] of [['Allow', 'Your device is connected'], ['Not my device', 'Not connected']]) {
    const { user_code: code } = await waitingDevice('openid email');
    await page.goto(`${demo.base_url}/device`);
    if (await page.getByRole('heading', { name: 'Sign in', exact: true }).count()) {
      await enterEmail(page, person.email);
      await enterPassword(page, person.password);
    }
    await shows(page, 'Connect a device');
    await type(page, 'Code on the device', code.toLowerCase().replace('-', ''));
    await press(page, 'Continue');
    await page.getByText(code).waitFor();
    await press(page, decision);
    await shows(page, title);
  }
  await page.goto(`${demo.base_url}/device`);
  await type(page, 'Code on the device', 'BCDF-GHJK');
  await press(page, 'Continue');
  await page.getByRole('alert').getByText('No device is waiting with this code.').waitFor();
});

test('an account that is switched off is out at once, and is told so only after its right password', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await signIn(page, person);
  await shows(page, 'Profile');
  await tollgate(['user', 'disable', person.email]);
  await page.goto(account());
  await shows(page, 'Sign in');
  await signIn(page, { ...person, password: 'not the password 99' });
  await page.getByRole('alert').getByText('do not match').waitFor();
  await signIn(page, person);
  await page.getByRole('alert').getByText('may not sign in').waitFor();
});
