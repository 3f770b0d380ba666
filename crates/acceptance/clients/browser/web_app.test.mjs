// The example web application, as a person at a desk meets it.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  demo, enterEmail, enterPassword, follow, newPerson, press, shows, signIn, signInToApp, type, visitor,
} from './fixture.mjs';
import { authorizeAddress } from './tour.mjs';

test('a person signs in, agrees, calls an API, refreshes and signs out', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await page.goto(demo.app_url);
  await follow(page, /^Sign in with/);
  await enterEmail(page, person.email);
  await enterPassword(page, person.password);
  await shows(page, 'Web app would like to use your account');
  await press(page, 'Allow');
  await shows(page, `Hello, ${person.name}`);
  assert.equal(new URL(page.url()).search, '', 'the code stays in no address');
  await press(page, 'Call the Photoshop API');
  await page.getByRole('heading', { name: 'The API answered 200' }).waitFor();
  await press(page, 'Refresh the token');
  await page.getByText('1 times').waitFor();
  await press(page, 'Sign out');
  await shows(page, 'A small application');
  await page.goto(`${demo.base_url}/account`);
  await shows(page, 'Sign in');
});

test('a second sign-in asks neither for the password nor for consent', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await signInToApp(page, person);
  await page.context().clearCookies({ name: 'example_app_visit' });
  await page.goto(demo.app_url);
  await follow(page, /^Sign in with/);
  await shows(page, `Hello, ${person.name}`);
});

test('consent is asked of each person, and remembered in another browser', async (t) => {
  const person = await newPerson();
  await signInToApp(await visitor(t), person);
  const elsewhere = await visitor(t);
  await elsewhere.goto(demo.app_url);
  await follow(elsewhere, /^Sign in with/);
  await enterEmail(elsewhere, person.email);
  await enterPassword(elsewhere, person.password);
  await shows(elsewhere, `Hello, ${person.name}`);
});

test('who does not agree comes back to the application, which has got nothing', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await page.goto(demo.app_url);
  await follow(page, /^Sign in with/);
  await enterEmail(page, person.email);
  await enterPassword(page, person.password);
  await press(page, 'Cancel');
  await shows(page, 'That did not work');
  assert.match(await page.getByRole('alert').innerText(), /access_denied|not agree|denied/);
  await page.goto(`${demo.base_url}/account/applications`);
  await page.getByText('No application uses your account.').waitFor();
});

test('a wrong password and an unknown address look the same', async (t) => {
  const person = await newPerson();
  const refusals = [];
  for (const email of [person.email, 'nobody.at.all@example.com']) {
    const page = await visitor(t);
    await page.goto(`${demo.base_url}/sign-in`);
    await enterEmail(page, email);
    await type(page, 'Password', 'not the password 99');
    const [response] = await Promise.all([
      page.waitForResponse((answer) => answer.request().resourceType() === 'document' && answer.status() < 300),
      press(page, 'Sign in'),
    ]);
    const main = await page.getByRole('main').innerText();
    refusals.push({ status: response.status(), path: new URL(page.url()).pathname, main: main.replaceAll(email, 'EMAIL').replace(/^[A-Z]$/m, '') });
    assert.match(await page.getByRole('alert').innerText(), /do not match/);
  }
  assert.deepEqual(refusals[0], refusals[1]);
});

test('what was sent once cannot be sent again by the back button', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await page.goto(demo.app_url);
  await follow(page, /^Sign in with/);
  const first = page.url();
  await enterEmail(page, person.email);
  await enterPassword(page, person.password);
  const consent = page.url();
  await press(page, 'Allow');
  await shows(page, `Hello, ${person.name}`);
  for (const old of [consent, first]) {
    const answer = await page.goto(old);
    assert.equal(answer.status(), 400);
    await shows(page, 'This took too long');
  }
  await page.goto(demo.app_url);
  await page.goBack();
  await page.goBack();
  await page.goto(demo.app_url);
  await shows(page, `Hello, ${person.name}`);
});

test('two tabs of one browser sign in side by side', async (t) => {
  const [one, person] = [await visitor(t), await newPerson()];
  const two = await one.context().newPage();
  for (const page of [one, two]) {
    await page.goto(`${demo.base_url}/sign-in?return=/account/sessions`);
    await enterEmail(page, person.email);
  }
  await enterPassword(one, person.password);
  await shows(one, 'Where you are signed in');
  await enterPassword(two, person.password);
  await shows(two, /Where you are signed in|Profile/);
  await one.reload();
  await shows(one, 'Where you are signed in');
});

test('two tabs of the application end in one signed-in visit', async (t) => {
  const [one, person] = [await visitor(t), await newPerson()];
  const two = await one.context().newPage();
  for (const page of [one, two]) {
    await page.goto(demo.app_url);
    await follow(page, /^Sign in with/);
    await shows(page, 'Sign in');
  }
  await enterEmail(two, person.email);
  await enterPassword(two, person.password);
  await press(two, 'Allow');
  await shows(two, `Hello, ${person.name}`);
  // The first tab is still at the form; its own request goes on with the session that there is by now.
  await enterEmail(one, person.email);
  await enterPassword(one, person.password);
  await shows(one, /Hello|That did not work/);
  await one.goto(demo.app_url);
  await shows(one, `Hello, ${person.name}`);
});

test('an address that the application did not register gets an error page, never a redirect', async (t) => {
  const page = await visitor(t);
  const answer = await page.goto(authorizeAddress({ redirect_uri: 'https://elsewhere.example/callback' }));
  assert.equal(answer.status(), 400);
  await shows(page, 'Wrong return address');
  await page.getByText('For the application’s developer').click();
  await page.getByText('https://elsewhere.example/callback').waitFor();
});

test('signing out asks first, and tells what was signed out', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await signInToApp(page, person);
  await page.goto(`${demo.base_url}/sign-out`);
  await shows(page, 'Sign out?');
  await press(page, 'Stay signed in');
  await shows(page, 'Profile');
  await follow(page, 'Sign out');
  await shows(page, 'Sign out?');
  await press(page, 'Sign out');
  await shows(page, 'You are signed out');
  // The application was told by the back channel.
  for (let tries = 0; tries < 40; tries += 1) {
    await page.goto(demo.app_url);
    if (await page.getByRole('link', { name: /^Sign in with/ }).count()) return;
    await page.waitForTimeout(100);
  }
  assert.fail('the application still takes the person for signed in');
});

test('somebody signed in may choose another account', async (t) => {
  const [page, first, second] = [await visitor(t), await newPerson(), await newPerson({ name: 'Kim Example' })];
  await signIn(page, first);
  await shows(page, 'Profile');
  await page.goto(authorizeAddress({ prompt: 'select_account' }));
  await shows(page, 'Choose an account');
  await page.getByRole('button', { name: new RegExp(first.email) }).waitFor();
  await press(page, /Use another account/);
  await enterEmail(page, second.email);
  await enterPassword(page, second.password);
  await page.getByRole('main').getByText(second.email).waitFor();
});
