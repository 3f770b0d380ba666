// An authenticator app (RFC 6238): six digits that change every 30 seconds.
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const STEP_MILLIS = 30_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function bytesOf(secret) {
  const bits = [...secret.replace(/[\s=]/g, '')].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

const presentStep = () => Math.floor(Date.now() / STEP_MILLIS);

export class AuthenticatorApp {
  #key;
  #next = 0;

  constructor(secret) {
    this.#key = bytesOf(secret);
  }

  // A code that was not given before: each is good once, and those of the steps before and after the present one are too.
  async code() {
    const step = Math.max(this.#next, presentStep() - 1);
    while (step > presentStep() + 1) await sleep(250);
    this.#next = step + 1;
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const digest = createHmac('sha1', this.#key).update(counter).digest();
    const at = digest.at(-1) & 0xf;
    return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  }
}
