// Ways to an account: sign-up, invitation, a one-time password, and back in when the password is forgotten.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'node:test';
import {
  PASSWORD, codeIn, demo, enterEmail, enterPassword, follow, mailTo, newPerson, press, shows, signIn, type, visitor,
} from './fixture.mjs';
import { allowSignUp, invitationLink, secretOf } from './tour.mjs';

const NEW_PASSWORD = 'quiet harbour basalt 71';

async function askForCode(page, email) {
  await page.goto(`${demo.base_url}/sign-in`);
  await enterEmail(page, email);
  await follow(page, 'Forgot your password?');
  await shows(page, 'Reset your password');
  await type(page, 'E-mail address', email);
  await press(page, 'Send code');
  await shows(page, 'Check your e-mail');
}

test('who forgot the password chooses a new one with the mailed code', async (t) => {
  const [page, mailbox, person] = [await visitor(t), await visitor(t), await newPerson()];
  await askForCode(page, person.email);
  const code = codeIn(await mailTo(mailbox, person.email, /./));
  await type(page, 'Eight-digit code', '0000 0000');
  await press(page, 'Continue');
  await page.getByRole('alert').getByText('This code is not right.').waitFor();
  await type(page, 'Eight-digit code', code);
  await press(page, 'Continue');
  await shows(page, 'Choose a new password');
  await type(page, 'New password', NEW_PASSWORD);
  await press(page, 'Save password');
  await page.getByText('Your password is changed. Sign in with the new one.').waitFor();
  await signIn(page, { ...person, password: NEW_PASSWORD });
  await shows(page, 'Profile');
});

test('the link of the mail fills the code in, and opening it uses nothing up', async (t) => {
  const [page, mailbox, person] = [await visitor(t), await visitor(t), await newPerson()];
  await askForCode(page, person.email);
  const link = (await mailTo(mailbox, person.email, /./)).match(/http\S+\/forgot\/code\S+/)[0];
  for (const browser of [mailbox, page]) {
    await browser.goto(link);
    await shows(browser, 'Check your e-mail');
  }
  await press(page, 'Continue');
  await shows(page, 'Choose a new password');
});

test('asking for a code tells nobody who has an account', async (t) => {
  const [known, unknown, person] = [await visitor(t), await visitor(t), await newPerson()];
  const nobody = `nobody.${randomBytes(4).toString('hex')}@example.com`;
  await askForCode(known, person.email);
  await askForCode(unknown, nobody);
  const [one, two] = [await known.getByRole('main').innerText(), await unknown.getByRole('main').innerText()];
  const plain = (text, email) => text.replaceAll(email, 'EMAIL').replace(/\(\d+\)/, '');
  assert.equal(plain(one, person.email), plain(two, nobody));
});

test('somebody new makes an account on the way to an application', async (t) => {
  await allowSignUp();
  const [page, mailbox] = [await visitor(t), await visitor(t)];
  const email = `sam.${randomBytes(4).toString('hex')}@example.com`;
  await page.goto(demo.app_url);
  await follow(page, /^Sign in with/);
  await follow(page, 'Create an account');
  await type(page, 'Name', 'Sam Example');
  await type(page, 'E-mail address', email);
  await page.getByLabel('Country or region').selectOption('JP');
  await type(page, 'Password', 'password1234');
  await press(page, 'Create account');
  const refused = page.getByRole('alert');
  await refused.waitFor();
  assert.equal(await page.getByLabel('Name').inputValue(), 'Sam Example', 'what was typed stays');
  await type(page, 'Password', PASSWORD);
  await press(page, 'Create account');
  await shows(page, 'Check your e-mail');
  await type(page, 'Eight-digit code', codeIn(await mailTo(mailbox, email, /./)));
  await press(page, 'Continue');
  await press(page, 'Allow');
  await shows(page, 'Hello, Sam Example');
});

test('signing up with an address that has an account looks the same, and changes nothing', async (t) => {
  await allowSignUp();
  const [page, mailbox, person] = [await visitor(t), await visitor(t), await newPerson()];
  await page.goto(demo.app_url);
  await follow(page, /^Sign in with/);
  await follow(page, 'Create an account');
  await type(page, 'Name', 'Sam Example');
  await type(page, 'E-mail address', person.email);
  await type(page, 'Password', NEW_PASSWORD);
  await press(page, 'Create account');
  await shows(page, 'Check your e-mail');
  const mail = await mailTo(mailbox, person.email, /./);
  assert.doesNotMatch(mail, /\b\d{4} \d{4}\b/, 'the owner is told, and gets no code');
  await signIn(mailbox, person);
  await shows(mailbox, 'Profile');
});

test('an invitation is accepted once', async (t) => {
  const [page, mailbox, person] = [await visitor(t), await visitor(t), await newPerson({ credential: ['--invite'] })];
  const mail = await mailTo(mailbox, person.email, /./);
  const link = mail.match(/http\S+\/invitation\S+/)?.[0];
  assert.equal(new URL(link).origin, demo.base_url, 'the mail leads to where the demo answers');
  await page.goto(link);
  await shows(page, /^Welcome to/);
  await type(page, 'Name', 'Alex Example');
  await type(page, 'Password', PASSWORD);
  await press(page, 'Accept and sign in');
  await shows(page, 'Profile');
  assert.equal(await page.getByLabel('Name').inputValue(), 'Alex Example');
  await page.goto(invitationLink(person.made));
  await shows(page, 'This link no longer works');
});

test('a one-time password opens nothing but the choice of a real one', async (t) => {
  const [page, person] = [await visitor(t), await newPerson({ credential: [] })];
  const temporary = { email: person.email, password: secretOf(person.made) };
  await signIn(page, temporary);
  await shows(page, 'Choose a new password');
  await page.goto(`${demo.base_url}/account`);
  await shows(page, 'Sign in');
  await enterEmail(page, person.email);
  await enterPassword(page, temporary.password);
  await type(page, 'New password', temporary.password);
  await press(page, 'Save and sign in');
  await page.getByRole('alert').getByText('differs from the current one').waitFor();
  await type(page, 'New password', NEW_PASSWORD);
  await press(page, 'Save and sign in');
  await shows(page, 'Profile');
});
