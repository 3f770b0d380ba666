"""Prints a service account JWT made with openssl, for the file that `tollgate demo --json` wrote."""

import base64
import json
import subprocess
import sys
import time

demo = json.load(open(sys.argv[1], encoding="utf-8"))
account, base = demo["credentials"]["service_account"], demo["base_url"]
claims = {
    "exp": int(time.time()) + 3600,
    "iss": account["organization_id"],
    "sub": account["technical_account_id"],
    "aud": f"{base}/c/{account['client_id']}",
} | {f"{base}/s/{name}": True for name in account["metascopes"]}


def encoded(part):
    return base64.urlsafe_b64encode(part).rstrip(b"=")


signed = b".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "RS256"}, claims))
signature = subprocess.run(
    ["openssl", "dgst", "-sha256", "-sign", account["private_key_file"], "-binary"],
    input=signed,
    capture_output=True,
    check=True,
).stdout
print((signed + b"." + encoded(signature)).decode(), end="")
