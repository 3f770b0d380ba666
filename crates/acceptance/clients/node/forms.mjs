// A person with a browser that runs no scripts: keeps cookies, follows redirects, reads forms and sends them.
import { demo } from './demo.mjs';

const REDIRECTS_MAX = 12;

export const [administrator, person] = demo.users;

// The entities that attribute values of the pages can hold.
function unescaped(text) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) =>
    decimal ? String.fromCodePoint(Number(decimal)) : hex ? String.fromCodePoint(parseInt(hex, 16)) : named[name] ?? whole);
}

function attributes(tag) {
  const found = {};
  for (const [, name, quoted, bare] of tag.matchAll(/([\w-]+)(?:="([^"]*)"|=([^\s"'>]+))?/g)) {
    found[name.toLowerCase()] = unescaped(quoted ?? bare ?? '');
  }
  return found;
}

// What a page shows, as far as forms go.
class Page {
  constructor(url, status, html) {
    Object.assign(this, { url, status, html });
    this.title = unescaped(/<title>([^<]*)<\/title>/.exec(html)?.[1] ?? '');
    this.forms = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, opening, content]) => {
      const form = attributes(opening);
      const fields = [...content.matchAll(/<(?:input|button|select|textarea)\b([^>]*)>/g)].map(([, tag]) => attributes(tag));
      return { action: form.action ?? '', method: (form.method ?? 'get').toUpperCase(), fields };
    });
  }

  // The form that has a field or button of this name, and perhaps of this value.
  form(name, value) {
    const found = this.forms.find((form) =>
      form.fields.some((field) => field.name === name && (value === undefined || field.value === value)));
    if (!found) throw new Error(`no form with ${name} on ${this.url} (${this.status} ${this.title})`);
    return found;
  }
}

export class Browser {
  #cookies = new Map();

  // Opens an address and goes where it leads, until there is a page, or an address that begins with `until`.
  async open(address, { until, method = 'GET', body } = {}) {
    let url = new URL(address);
    for (let count = 0; count < REDIRECTS_MAX; count += 1) {
      if (until && url.href.startsWith(until)) return { arrived: url };
      const jar = this.#jar(url);
      const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), accept: 'text/html' };
      if (method === 'POST') headers.origin = url.origin;
      const response = await fetch(url, { method, body, headers, redirect: 'manual' });
      for (const line of response.headers.getSetCookie()) this.#keep(jar, line);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || !location) {
        return new Page(url.href, response.status, await response.text());
      }
      url = new URL(location, url);
      [method, body] = ['GET', undefined];
    }
    throw new Error(`more than ${REDIRECTS_MAX} redirects, the last to ${url}`);
  }

  // Sends the form of `page` that has all of `fields`, with what it holds by itself.
  submit(page, fields, options = {}) {
    const [name, value] = Object.entries(fields)[0];
    const own = page.forms.find((form) => Object.keys(fields).every((field) => form.fields.some((one) => one.name === field)))
      ?? page.form(name, value);
    const body = new URLSearchParams();
    for (const field of own.fields) {
      if (field.name && field.type === 'hidden') body.set(field.name, field.value ?? '');
    }
    for (const [field, given] of Object.entries(fields)) body.set(field, given);
    return this.open(new URL(own.action, page.url), { ...options, method: own.method, body });
  }

  // Signs in, agrees when asked, and comes back to the application; gives the address that it came back to.
  async signIn(address, until, { email, password } = person, decision = 'allow') {
    let page = await this.open(address, { until });
    for (let step = 0; step < 5 && !page.arrived; step += 1) {
      const has = (name) => page.forms.some((form) => form.fields.some((field) => field.name === name));
      if (has('password')) page = await this.submit(page, { password }, { until });
      else if (has('email')) page = await this.submit(page, { email }, { until });
      else if (has('decision')) page = await this.submit(page, { decision }, { until });
      else throw new Error(`nothing to do on ${page.url} (${page.status} ${page.title})`);
    }
    if (!page.arrived) throw new Error(`the sign-in does not end: ${page.url}`);
    return page.arrived;
  }

  #jar(url) {
    if (!this.#cookies.has(url.hostname)) this.#cookies.set(url.hostname, new Map());
    return this.#cookies.get(url.hostname);
  }

  #keep(jar, line) {
    const [pair, ...rest] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const gone = rest.some((part) => /^max-age=0$/i.test(part));
    if (gone) jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
}
