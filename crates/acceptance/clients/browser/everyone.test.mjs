// The pages are for everybody: without scripts, without a mouse, on a phone, in the dark, with a screen reader, in five
// languages.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { demo, enterEmail, enterPassword, follow, newPerson, press, shows, signInToApp, type, visitor } from './fixture.mjs';
import { everyPage } from './tour.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// What axe-core finds that keeps somebody from using the page.
async function barriers(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`));
}

// Whether the page can be moved sideways.
const overhang = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const colorScheme of ['light', 'dark']) {
  test(`no page has a barrier for assistive technology, in ${colorScheme} colours`, async (t) => {
    const found = [];
    await everyPage(t, { colorScheme }, async (page, name) => {
      for (const barrier of await barriers(page)) found.push(`${name}: ${barrier}`);
    });
    assert.deepEqual(found, []);
  });
}

test('no page is wider than a phone, and none has a control too small for a thumb', async (t) => {
  const found = [];
  await everyPage(t, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }, async (page, name) => {
    const wider = await overhang(page);
    if (wider > 0) found.push(`${name}: ${wider} px too wide`);
    const low = await page.evaluate(() => [...document.querySelectorAll('main button, main input:not([type=hidden]):not(.unseen), main select')]
      .map((control) => ({ name: control.textContent.trim() || control.name, height: control.getBoundingClientRect().height, inline: getComputedStyle(control).display === 'inline' }))
      .filter(({ height, inline }) => height > 0 && height < 24 && !inline).map(({ name, height }) => `${name} ${height}`));
    for (const control of low) found.push(`${name}: ${control} px high`);
  });
  assert.deepEqual(found, []);
});

test('dark colours are dark, and text on them is light', async (t) => {
  const brightness = async (colorScheme) => {
    const page = await visitor(t, { colorScheme });
    await page.goto(`${demo.base_url}/sign-in`);
    const sum = (color) => color.match(/[\d.]+/g).slice(0, 3).map(Number).reduce((all, one) => all + one, 0);
    const style = await page.evaluate(() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]);
    return style.map(sum);
  };
  const [[lightGround, lightText], [darkGround, darkText]] = [await brightness('light'), await brightness('dark')];
  assert.ok(lightGround > lightText && darkGround < darkText, `${lightGround} ${lightText} ${darkGround} ${darkText}`);
});

test('the browser\'s language is spoken, and announced', async (t) => {
  const headings = new Set();
  for (const [locale, language] of [['en-GB', 'en'], ['de-CH', 'de'], ['fr-CA', 'fr'], ['es-MX', 'es'], ['ja-JP', 'ja'], ['nl-NL', 'en']]) {
    const page = await visitor(t, { locale });
    await page.goto(`${demo.base_url}/sign-in`);
    assert.equal(await page.locator('html').getAttribute('lang'), language, locale);
    headings.add(await page.getByRole('heading', { level: 1 }).innerText());
  }
  assert.equal(headings.size, 5, [...headings].join());
});

test('the language of the profile goes before the browser\'s', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await page.goto(`${demo.base_url}/sign-in`);
  await enterEmail(page, person.email);
  await enterPassword(page, person.password);
  await page.getByLabel('Language').selectOption('fr');
  await press(page, 'Save changes');
  await page.getByRole('status').waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
});

test('everything but passkeys works without scripts', async (t) => {
  const [page, person] = [await visitor(t, { javaScriptEnabled: false }), await newPerson()];
  await signInToApp(page, person);
  await press(page, 'Call the Photoshop API');
  await page.getByRole('heading', { name: 'The API answered 200' }).waitFor();
  await page.goto(`${demo.base_url}/account`);
  await type(page, 'Name', 'Robin Renamed');
  await press(page, 'Save changes');
  await page.getByText('Your profile is saved.').waitFor();
  await follow(page, 'Passkeys');
  await page.getByText(/needs JavaScript|cannot be used here/).waitFor();
  await follow(page, 'Connected applications');
  await press(page, /^Disconnect/);
  await page.getByText('The application is disconnected.').waitFor();
  await follow(page, 'Sign out');
  await press(page, 'Sign out');
  await shows(page, 'You are signed out');
});

// Moves on with the Tab key until the focused control has this name, as somebody without a mouse does.
async function tabTo(page, name, role) {
  const wanted = page.getByRole(role, { name, exact: typeof name === 'string' });
  for (let presses = 0; presses < 30; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) {
      assert.ok(await outlined(page), `the focus on ${name} cannot be seen`);
      return;
    }
    await page.keyboard.press('Tab');
  }
  assert.fail(`the Tab key does not lead to ${name} on ${page.url()}`);
}

const outlined = (page) => page.evaluate(() => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
  return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
});

test('a keyboard is enough', async (t) => {
  const [page, person] = [await visitor(t), await newPerson()];
  await page.goto(demo.app_url);
  await tabTo(page, /^Sign in with/, 'link');
  await page.keyboard.press('Enter');
  await shows(page, 'Sign in');
  await tabTo(page, 'E-mail address', 'textbox');
  await page.keyboard.type(person.email);
  await page.keyboard.press('Enter');
  await shows(page, 'Enter your password');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'password', 'typing goes to the password at once');
  await page.keyboard.type(person.password);
  await page.keyboard.press('Enter');
  await tabTo(page, 'Allow', 'button');
  await page.keyboard.press('Enter');
  await shows(page, `Hello, ${person.name}`);
  await page.goto(`${demo.base_url}/account/sessions`);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
});

test('after a mistake, the keyboard is at the message that tells of it', async (t) => {
  const page = await visitor(t);
  await page.goto(`${demo.base_url}/sign-in`);
  await enterEmail(page, 'nobody@example.com');
  await enterPassword(page, 'not the password 99');
  const alert = page.getByRole('alert');
  await alert.waitFor();
  assert.ok(await alert.evaluate((element) => element === document.activeElement));
  assert.match(await page.title(), /^Problem:/);
  await alert.getByRole('link').click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
});
