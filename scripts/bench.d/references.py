"""Writes what nginx and HAProxy need to know: a thousand keys, one of them real, and the public key of our tokens."""

import base64
import json
import secrets
import subprocess
import sys
import urllib.request

work, base, key = sys.argv[1:]
with open(f"{work}/keys.nginx", "w", encoding="utf-8") as keys:
    for name in [key] + [secrets.token_hex(16) for _ in range(999)]:
        keys.write(f"{name} 1;\n")

jwks = json.load(urllib.request.urlopen(f"{base}/ims/keys", timeout=10))["keys"]
point = next(jwk for jwk in jwks if jwk["kty"] == "EC")
x, y = (base64.urlsafe_b64decode(point[name] + "==") for name in ("x", "y"))
# SubjectPublicKeyInfo of an uncompressed P-256 point (RFC 5480 section 2).
spki = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + b"\x04" + x + y
pem = subprocess.run(
    ["openssl", "pkey", "-pubin", "-inform", "DER"], input=spki, capture_output=True, check=True
).stdout
with open(f"{work}/es256.pem", "wb") as file:
    file.write(pem)
