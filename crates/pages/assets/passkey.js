// The two ceremonies of passkeys (WebAuthn level 3): signing in, and adding one to an account.

const place = document.querySelector("[data-passkey]");
const problem = place?.querySelector("[data-passkey-problem]");
const able =
  window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.PublicKeyCredential?.parseCreationOptionsFromJSON;

class Throttled extends Error {}

/** Posts `message` with the page's form token; answers the JSON that comes back. */
async function post(path, message) {
  const hidden = (name) => document.querySelector(`input[type=hidden][name=${name}]`)?.value;
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ form_token: hidden("form_token"), request: hidden("request"), ...message }),
    redirect: "error",
  });
  if (answer.status === 429) throw new Throttled();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

function tell(error) {
  // The person closed the browser's window, or another attempt took its place: no news.
  if (error?.name === "AbortError" || error?.name === "NotAllowedError") return;
  problem.textContent = error instanceof Throttled ? place.dataset.throttled : place.dataset.problem;
  problem.hidden = false;
}

/** Goes on to a path of this server, and to nothing else. */
function goOn(location) {
  const address = new URL(location, window.location.href);
  if (address.origin === window.location.origin) window.location.assign(address);
}

let waiting = new AbortController();

async function signIn(mediation) {
  waiting.abort();
  waiting = new AbortController();
  const { signal } = waiting;
  // Beside a password that was right already, the passkey is asked of this one person.
  const second_factor = place.dataset.passkey === "second-factor";
  const options = await post("/sign-in/passkey/options", { second_factor });
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey);
  const credential = await navigator.credentials.get({ publicKey, mediation, signal });
  const message = { second_factor, ceremony: options.ceremony, credential: credential.toJSON() };
  const done = await post("/sign-in/passkey", message).catch((error) => {
    error.chosen = true;
    throw error;
  });
  goOn(done.location);
}

async function register(name) {
  const options = await post("/account/passkeys/options", {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey);
  const credential = await navigator.credentials.create({ publicKey });
  const message = { ceremony: options.ceremony, name, credential: credential.toJSON() };
  const done = await post("/account/passkeys/add", message);
  goOn(done.location);
}

if (able && ["sign-in", "second-factor"].includes(place?.dataset.passkey)) {
  place.hidden = false;
  const button = place.querySelector("[data-passkey-start]");
  button.hidden = false;
  button.addEventListener("click", () => {
    problem.hidden = true;
    signIn("optional").catch(tell);
  });
  // Passkeys stand among the suggestions of the e-mail field. The person did not ask for it, so that only what goes
  // wrong after one was chosen is news.
  const suggests = place.dataset.passkey === "sign-in";
  const offered = suggests && (await PublicKeyCredential.isConditionalMediationAvailable?.());
  if (offered) await signIn("conditional").catch((error) => error.chosen && tell(error));
}

if (able && place?.dataset.passkey === "register") {
  const form = place.querySelector("[data-passkey-form]");
  form.hidden = false;
  place.querySelector("[data-passkey-missing]").hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    problem.hidden = true;
    register(form.elements.namedItem("name").value).catch(tell);
  });
}
