// Writes the pictures in docs/screenshots: `node screenshots.mjs [FOLDER]`, with Debian's packages chromium, fonts-inter
// and pngquant, of a demo that was just made by `tollgate demo --host localhost`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BYTES_MAX = 80 * 1024;
const folder = process.argv[2] ?? fileURLToPath(new URL('../../../../docs/screenshots', import.meta.url));
mkdirSync(folder, { recursive: true });

// The default face of this machine, in place of the one that readers' machines have.
const fonts = join(tmpdir(), 'tollgate-screenshots-fonts.conf');
writeFileSync(fonts, `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<match target="pattern"><test name="family"><string>system-ui</string></test><edit name="family" mode="assign" binding="strong"><string>Inter</string></edit></match>
<match target="pattern"><test name="family"><string>sans-serif</string></test><edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>
</fontconfig>`);
process.env.FONTCONFIG_FILE = fonts;

const { demo, follow, signIn, shows, enterEmail, enterPassword, press, type, visitor, chromiumOnce } = await import('./fixture.mjs');
const { authorizeAddress, setUpAuthenticator, waitingDevice } = await import('./tour.mjs');

const PHONE = { width: 390, height: 800 };
const DESK = { width: 1120, height: 720 };

async function shoot(page, name) {
  await page.evaluate(() => document.activeElement?.blur());
  const input = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  const png = execFileSync('pngquant', ['--strip', '--speed', '1', '256', '-'], { input });
  if (png.length > BYTES_MAX) throw new Error(`${name} has ${png.length} bytes, more than ${BYTES_MAX}`);
  writeFileSync(join(folder, `${name}.png`), png);
}

const person = demo.users[1];
const browsers = { desk: { viewport: DESK }, dark: { viewport: DESK, colorScheme: 'dark' }, phone: { viewport: PHONE, isMobile: true } };

async function signInPages() {
  const page = await visitor(undefined, browsers.desk);
  await page.goto(demo.app_url);
  await follow(page, /^Sign in with/);
  await shoot(page, 'sign-in');
  await enterEmail(page, person.email);
  await shows(page, 'Enter your password');
  await shoot(page, 'password');
  await enterPassword(page, person.password);
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  await page.setViewportSize({ ...DESK, height: 960 });
  await shoot(page, 'consent');
  await press(page, 'Allow');
  await page.setViewportSize(DESK);
  await page.goto(authorizeAddress({ redirect_uri: 'https://elsewhere.example/callback' }));
  await page.getByText('For the application’s developer').click();
  await page.setViewportSize({ ...DESK, height: 860 });
  await shoot(page, 'error');
}

async function darkAndPhone() {
  const phone = await visitor(undefined, { ...browsers.phone, colorScheme: 'dark', userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1' });
  const { user_code: code } = await waitingDevice();
  await phone.goto(`${demo.base_url}/device`);
  await enterEmail(phone, person.email);
  await enterPassword(phone, person.password);
  await type(phone, 'Code on the device', code);
  await press(phone, 'Continue');
  await phone.setViewportSize({ ...PHONE, height: 1030 });
  await shoot(phone, 'device-phone-dark');
  await phone.setViewportSize(PHONE);
  await phone.goto(`${demo.base_url}/account/activity`);
  await shoot(phone, 'activity-phone-dark');
}

async function addPasskeys(page, names) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  for (const name of names) {
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    });
    await type(page, 'Name of the passkey', name);
    await press(page, 'Add a passkey');
    await page.locator('.item-title', { hasText: name }).waitFor();
    await devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  }
  await page.goto(`${demo.base_url}/account/passkeys`);
}

async function accountPages() {
  const page = await visitor(undefined, browsers.desk);
  await signIn(page, person);
  await shows(page, 'Profile');
  await page.setViewportSize({ ...DESK, height: 820 });
  await shoot(page, 'account-profile');
  await page.setViewportSize(DESK);
  await page.goto(`${demo.base_url}/account/applications`);
  await page.getByText('What it may do').first().click();
  await shoot(page, 'account-applications');
  await page.goto(`${demo.base_url}/account/sessions`);
  await shoot(page, 'account-sessions');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${demo.base_url}/account/passkeys`);
  await addPasskeys(page, ['Security key', 'Work laptop']);
  await page.setViewportSize({ ...DESK, height: 800 });
  await shoot(page, 'account-passkeys-dark');
  await setUpAuthenticator(page);
  const elsewhere = await visitor(undefined, browsers.dark);
  await signIn(elsewhere, person);
  await shows(elsewhere, 'One more step');
  await shoot(elsewhere, 'second-factor-dark');
}

await signInPages();
await darkAndPhone();
await accountPages();
await (await chromiumOnce()).close();
