"""Signs a person in on a device that has no browser: they enter a code elsewhere (RFC 8628).

Python's standard library is all it needs.
"""

import argparse
import json
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

SCOPE = "openid profile email"


def asked(url, form=None, headers=None):
    """The status and the JSON of an answer."""
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(url, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def expect(answer):
    status, body = answer
    if status != 200:
        sys.exit(f"{body.get('error')}: {body.get('error_description', '')}")
    return body


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", default="tollgate-demo", help="the demo's folder")
    parser.add_argument("--issuer", default="http://127.0.0.1:8080")
    parser.add_argument("--client-id", help="in place of the demo's")
    arguments = parser.parse_args()
    client_id = arguments.client_id
    if client_id is None:
        credentials = json.loads((pathlib.Path(arguments.demo) / "credentials.json").read_text())
        client_id = credentials["credentials"]["native_app"]["client_id"]

    metadata = expect(asked(f"{arguments.issuer}/.well-known/openid-configuration"))
    endpoint = metadata["device_authorization_endpoint"]
    codes = expect(asked(endpoint, {"client_id": client_id, "scope": SCOPE}))
    print(f"Open {codes['verification_uri']} and enter {codes['user_code']}", flush=True)
    interval = codes.get("interval", 5)
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": codes["device_code"],
        "client_id": client_id,
    }
    while True:
        time.sleep(interval)
        status, body = asked(metadata["token_endpoint"], form)
        if status == 200:
            break
        if body.get("error") == "slow_down":
            interval += 5
        elif body.get("error") != "authorization_pending":
            sys.exit(f"{body.get('error')}: {body.get('error_description', '')}")
    headers = {"Authorization": f"Bearer {body['access_token']}"}
    person = expect(asked(metadata["userinfo_endpoint"], headers=headers))
    print(json.dumps(person, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
