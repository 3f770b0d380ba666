"""Signs a person in from the command line: opens the browser and waits for it on loopback (RFC 8252, RFC 7636).

Python's standard library is all it needs.
"""

import argparse
import base64
import hashlib
import http.server
import json
import pathlib
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request
import webbrowser

SCOPE = "openid profile email creative_sdk"
# Registered for the demo's native app; for loopback any port is good.
REDIRECT_PATH = "/callback"


class Arrival(http.server.BaseHTTPRequestHandler):
    """Takes the one request that the browser comes back with."""

    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        if address.path != REDIRECT_PATH:
            return self.send_error(404)
        self.server.answer = dict(urllib.parse.parse_qsl(address.query))
        page = b"<!doctype html><title>Done</title><p>You can close this window and go back to the terminal."
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_):
        """The query holds the code: nothing of it is printed."""


def asked(url, form=None, headers=None):
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(url, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)
    except urllib.error.HTTPError as refusal:
        sys.exit(f"{url} answered {refusal.code}: {refusal.read().decode(errors='replace')}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", default="tollgate-demo", help="the demo's folder")
    parser.add_argument("--issuer", default="http://127.0.0.1:8080")
    parser.add_argument("--client-id", help="in place of the demo's")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    arguments = parser.parse_args()
    client_id = arguments.client_id
    if client_id is None:
        credentials = json.loads((pathlib.Path(arguments.demo) / "credentials.json").read_text())
        client_id = credentials["credentials"]["native_app"]["client_id"]

    metadata = asked(f"{arguments.issuer}/.well-known/openid-configuration")
    server = http.server.HTTPServer(("127.0.0.1", 0), Arrival)
    server.answer = None
    redirect_uri = f"http://127.0.0.1:{server.server_port}{REDIRECT_PATH}"
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    url = metadata["authorization_endpoint"] + "?" + urllib.parse.urlencode(
        {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
    )
    print(f"Sign in at\n\n  {url}\n", flush=True)
    if not arguments.no_browser:
        webbrowser.open(url)
    while server.answer is None:
        server.handle_request()
    answer = server.answer
    if answer.get("state") != state or answer.get("iss") != metadata["issuer"]:
        sys.exit("the answer does not belong to this sign-in")
    if "error" in answer:
        sys.exit(f"{answer['error']}: {answer.get('error_description', '')}")

    tokens = asked(
        metadata["token_endpoint"],
        {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": redirect_uri,
            "client_id": client_id,
            "code_verifier": verifier,
        },
    )
    person = asked(metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {tokens['access_token']}"})
    print(json.dumps(person, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
