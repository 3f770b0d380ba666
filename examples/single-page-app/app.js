// Authorization code flow with PKCE in a browser (RFC 6749, RFC 7636, RFC 9207). Tokens stay in memory: a reload signs in
// again, which the session at the identity system makes a matter of two redirects.

const SCOPE = "openid profile email creative_sdk";
const element = (id) => document.getElementById(id);
const settings = await (await fetch("settings.json")).json();
const metadata = await (await fetch(`${settings.issuer}/.well-known/openid-configuration`)).json();
const redirectUri = `${location.origin}/`;
let tokens = null;

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

async function signIn() {
  const attempt = { state: random(), verifier: random() };
  sessionStorage.setItem("attempt", JSON.stringify(attempt));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(attempt.verifier));
  const url = new URL(metadata.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: settings.client_id,
    redirect_uri: redirectUri,
    scope: SCOPE,
    state: attempt.state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  });
  location.assign(url);
}

async function redeem(answer) {
  const attempt = JSON.parse(sessionStorage.getItem("attempt") ?? "{}");
  sessionStorage.removeItem("attempt");
  if (!attempt.state || answer.get("state") !== attempt.state || answer.get("iss") !== metadata.issuer) {
    throw new Error("the answer does not belong to a sign-in that was begun here");
  }
  if (answer.has("error")) {
    throw new Error(`${answer.get("error")}: ${answer.get("error_description") ?? ""}`);
  }
  const response = await fetch(metadata.token_endpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: answer.get("code"),
      redirect_uri: redirectUri,
      client_id: settings.client_id,
      code_verifier: attempt.verifier,
    }),
  });
  const body = await response.json();
  if (!response.ok) {
    throw new Error(`${body.error}: ${body.error_description}`);
  }
  return body;
}

async function call() {
  const response = await fetch(`${settings.gateway}/photoshop/documents`, {
    headers: { Authorization: `Bearer ${tokens.access_token}`, "x-api-key": settings.client_id },
  });
  show(`The API answered ${response.status}`, JSON.stringify(await response.json(), null, 2));
}

function signOut() {
  const url = new URL(metadata.end_session_endpoint);
  url.search = new URLSearchParams({
    id_token_hint: tokens.id_token,
    client_id: settings.client_id,
    post_logout_redirect_uri: redirectUri,
  });
  location.assign(url);
}

function show(status, answer = "") {
  element("status").textContent = status;
  element("answer").textContent = answer;
  element("answer").hidden = !answer;
  element("sign-in").hidden = tokens !== null;
  element("call").hidden = element("sign-out").hidden = tokens === null;
}

element("sign-in").addEventListener("click", () => run(signIn));
element("call").addEventListener("click", () => run(call));
element("sign-out").addEventListener("click", () => run(signOut));

async function run(step) {
  try {
    await step();
  } catch (problem) {
    show(`That did not work: ${problem.message}`);
  }
}

await run(async () => {
  const answer = new URLSearchParams(location.search);
  if (!answer.has("state")) {
    return show("Nobody is signed in.");
  }
  // The code must not stay in the history.
  history.replaceState(null, "", redirectUri);
  tokens = await redeem(answer);
  const response = await fetch(metadata.userinfo_endpoint, { headers: { Authorization: `Bearer ${tokens.access_token}` } });
  const person = await response.json();
  show(`Signed in as ${person.name} (${person.email}).`);
});
