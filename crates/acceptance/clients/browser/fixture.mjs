// What every test begins with: a browser that nobody used before, people with accounts of their own, and watch over
// what a page must never do. Starts no server: TOLLGATE_DEMO_JSON names what `tollgate demo --json FILE` wrote, and
// TOLLGATE the program that administers it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const file = process.env.TOLLGATE_DEMO_JSON;
if (!file) throw new Error('set TOLLGATE_DEMO_JSON to the file that `tollgate demo --json FILE` wrote');
const program = process.env.TOLLGATE;
if (!program) throw new Error('set TOLLGATE to the program that runs the demo');

export const demo = JSON.parse(readFileSync(file, 'utf8'));
export const PASSWORD = 'lantern orchard violet 42';
// Pages of a debug build on a busy machine; a page that hangs fails long before the test does.
const WAIT_MILLIS_MAX = 8_000;

const folder = mkdtempSync(join(tmpdir(), 'tollgate-browser-'));
const passwordFile = join(folder, 'password');
writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
const started = [];

after(async () => {
  for (const browser of started) await browser.close();
  rmSync(folder, { recursive: true });
});

// Debian's Chromium, one for each file of tests.
export async function chromiumOnce() {
  if (started.length === 0) {
    const root = process.getuid?.() === 0;
    started.push(await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: root ? ['--no-sandbox'] : [],
    }));
  }
  return started[0];
}

// Runs a command of the program, on the demo unless `where` says otherwise, and gives its JSON.
export async function tollgate(command, where = ['--dir', demo.folder]) {
  const { stdout } = await promisify(execFile)(program, [...command, ...where, '--json']);
  return stdout.trim() ? JSON.parse(stdout) : undefined;
}

// Somebody new, so that no test sees what another did. With `credential` other than a password, what the command says.
export async function newPerson({ name = 'Robin Example', credential, where } = {}) {
  const email = `robin.${randomBytes(5).toString('hex')}@example.com`;
  const made = await tollgate(
    ['user', 'create', '--email', email, '--name', name, ...(credential ?? ['--password-file', passwordFile])], where);
  return { name, email, password: PASSWORD, made };
}

// A browser that nobody used before, with one page open. The test fails when the page logged an error, broke its
// content security policy, or asked for anything that was not there.
export async function visitor(t, options = {}) {
  const context = await (await chromiumOnce()).newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(WAIT_MILLIS_MAX);
  const faults = [];
  context.on('page', (page) => watch(page, faults));
  t?.after(async () => {
    await context.close();
    assert.deepEqual(faults, [], 'pages ran into errors');
  });
  return context.newPage();
}

function watch(page, faults) {
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error}`));
  page.on('console', (message) => {
    // What could not be loaded is told below, with its kind.
    const loading = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !loading) faults.push(`${page.url()}: ${message.text()}`);
  });
  page.on('response', (response) => {
    const wanted = response.request().resourceType() === 'document' || response.url().endsWith('/favicon.ico');
    if (response.status() >= 400 && !wanted) faults.push(`${page.url()}: ${response.url()} answered ${response.status()}`);
  });
}

// Asserts which page is shown, by what a screen reader would announce first.
export async function shows(page, title) {
  await page.getByRole('heading', { level: 1, name: title, exact: typeof title === 'string' }).waitFor().catch(async () => {
    const found = (await page.getByRole('heading', { level: 1 }).allInnerTexts()).join() || await page.content();
    assert.fail(`${page.url()} shows "${found}", not "${title}"`);
  });
}

export const press = (page, name) => page.getByRole('button', { name, exact: typeof name === 'string' }).click();
export const follow = (page, name) => page.getByRole('link', { name, exact: typeof name === 'string' }).click();
export const type = (page, label, text) => page.getByLabel(label, { exact: true }).fill(text);

export async function enterEmail(page, email) {
  await shows(page, 'Sign in');
  await type(page, 'E-mail address', email);
  await press(page, 'Continue');
}

export async function enterPassword(page, password) {
  await shows(page, 'Enter your password');
  await type(page, 'Password', password);
  await press(page, 'Sign in');
}

// Signs somebody in to the account pages.
export async function signIn(page, person, base = demo.base_url) {
  await page.goto(`${base}/sign-in`);
  await enterEmail(page, person.email);
  await enterPassword(page, person.password);
}

// Signs somebody in to the example web application, agreeing to what it asks.
export async function signInToApp(page, person) {
  await page.goto(demo.app_url);
  await follow(page, /^Sign in with/);
  await enterEmail(page, person.email);
  await enterPassword(page, person.password);
  await press(page, 'Allow');
  await shows(page, `Hello, ${person.name}`);
}

// What `/dev/mail` holds for an address, latest first: the text of the mail whose subject matches.
export async function mailTo(page, email, subject) {
  for (let tries = 0; tries < 40; tries += 1) {
    await page.goto(`${demo.base_url}/dev/mail`);
    const item = page.getByRole('listitem').filter({ hasText: email }).getByRole('link', { name: subject });
    if (await item.count()) {
      await item.first().click();
      return page.locator('pre.mail').innerText();
    }
    await page.waitForTimeout(100);
  }
  return assert.fail(`no mail to ${email} with a subject like ${subject}`);
}

export const codeIn = (mail) => mail.match(/\b\d{4} \d{4}\b/)?.[0] ?? assert.fail(`no code in ${mail}`);
