// The programs in `examples`, as their readers start them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { demo, enterEmail, enterPassword, newPerson, press, shows, type, visitor } from './fixture.mjs';

const examples = fileURLToPath(new URL('../../../../examples', import.meta.url));
const OUTPUT_MILLIS_MAX = 15_000;

// Starts one of the programs; `said` waits for what it prints, `ended` for its end.
function start(t, file, options = []) {
  const child = spawn('python3', ['-u', join(examples, file), '--demo', demo.folder, '--issuer', demo.base_url, ...options]);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { text += chunk; });
  const ended = once(child, 'exit');
  t.after(() => child.kill());
  return {
    async said(pattern) {
      const until = Date.now() + OUTPUT_MILLIS_MAX;
      while (!pattern.test(text)) {
        assert.ok(Date.now() < until && child.exitCode === null, `it said: ${text}`);
        await new Promise((resolve) => { setTimeout(resolve, 50); });
      }
      return pattern.exec(text);
    },
    async ended() {
      const [code] = await ended;
      assert.equal(code, 0, text);
      return text;
    },
  };
}

async function signInAndAgree(page, person) {
  await enterEmail(page, person.email);
  await enterPassword(page, person.password);
  await press(page, 'Allow');
}

test('the single-page application signs in, calls an API and signs out', async (t) => {
  const program = start(t, 'single-page-app/serve.py', ['--gateway', demo.gateway_url]);
  const [, address] = await program.said(/Open (\S+)/);
  const [page, person] = [await visitor(t), await newPerson()];
  await page.goto(address);
  await press(page, 'Sign in');
  await signInAndAgree(page, person);
  const status = page.getByRole('status');
  await status.filter({ hasText: `Signed in as ${person.name} (${person.email}).` }).waitFor();
  assert.equal(page.url(), address, 'the code stays in no address');
  await press(page, 'Call the Photoshop API');
  await status.filter({ hasText: 'The API answered 200' }).waitFor();
  await press(page, 'Sign out');
  await status.filter({ hasText: 'Nobody is signed in.' }).waitFor();
  await page.goto(`${demo.base_url}/account`);
  await shows(page, 'Sign in');
});

test('the native application gets its person by way of the browser', async (t) => {
  const program = start(t, 'native-app/sign_in.py', ['--no-browser']);
  const [address] = await program.said(/http\S+authorize\S+/);
  const [page, person] = [await visitor(t), await newPerson()];
  await page.goto(address);
  await signInAndAgree(page, person);
  await page.getByText('You can close this window').waitFor();
  assert.match(await program.ended(), new RegExp(person.email));
});

test('the device gets its person by the code that it shows', async (t) => {
  const program = start(t, 'device/sign_in.py');
  const [, address, code] = await program.said(/Open (\S+) and enter (\S+)/);
  const [page, person] = [await visitor(t), await newPerson()];
  await page.goto(address);
  await enterEmail(page, person.email);
  await enterPassword(page, person.password);
  await type(page, 'Code on the device', code);
  await press(page, 'Continue');
  await press(page, 'Allow');
  await shows(page, 'Your device is connected');
  assert.match(await program.ended(), new RegExp(person.email));
});
