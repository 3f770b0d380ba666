"""The service account flow as Python programs do it: PyJWT signs, requests posts."""

import json
import os
import time

import jwt
import pytest
import requests

DEMO = json.load(open(os.environ["TOLLGATE_DEMO_JSON"], encoding="utf-8"))
BASE = DEMO["base_url"]
ACCOUNT = DEMO["credentials"]["service_account"]
SERVER = DEMO["credentials"]["server_to_server"]


def signed(**changes):
    claims = {
        "exp": int(time.time()) + 60 * 60 * 24,
        "iss": ACCOUNT["organization_id"],
        "sub": ACCOUNT["technical_account_id"],
        "aud": f"{BASE}/c/{ACCOUNT['client_id']}",
    }
    claims.update({f"{BASE}/s/{name}": True for name in ACCOUNT["metascopes"]})
    claims.update(changes)
    with open(ACCOUNT["private_key_file"], encoding="utf-8") as key:
        return jwt.encode(claims, key.read(), algorithm="RS256")


def exchange(token, **changes):
    body = {"client_id": ACCOUNT["client_id"], "client_secret": ACCOUNT["client_secret"], "jwt_token": token}
    return requests.post(f"{BASE}/ims/exchange/jwt/", data=body | changes, timeout=10)


def test_a_jwt_is_exchanged_and_the_token_opens_target():
    answer = exchange(signed())
    assert answer.status_code == 200, answer.text
    token = answer.json()["access_token"]
    called = requests.get(
        f"{DEMO['gateway_url']}/target/v1/activities",
        headers={"x-api-key": ACCOUNT["client_id"], "Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert called.status_code == 200, called.text
    assert called.json()["headers"]["x-user-id"] == ACCOUNT["technical_account_id"]


def test_a_jti_is_good_for_one_exchange():
    token = signed(jti=int(time.time() * 1e6))
    assert exchange(token).status_code == 200
    again = exchange(token)
    assert again.status_code == 400, again.text


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"exp": int(time.time()) - 120}, 400, "invalid_token"),
        ({"exp": int(time.time()) + 60 * 60 * 25}, 400, None),
        ({"aud": "https://elsewhere.example/c/x"}, 400, "invalid_client"),
        ({"iss": "000000000000000000000000@AdobeOrg"}, 400, "bad_request"),
    ],
)
def test_a_jwt_that_breaks_a_rule_is_refused(changes, status, error):
    answer = exchange(signed(**changes))
    assert answer.status_code == status, answer.text
    if error:
        assert answer.json()["error"] == error


def test_the_umapi_way_of_client_credentials_with_a_trailing_slash():
    answer = requests.post(
        f"{BASE}/ims/token/v2/",
        data={
            "grant_type": "client_credentials",
            "client_id": SERVER["client_id"],
            "client_secret": SERVER["client_secret"],
            "scope": ",".join(SERVER["scopes"]),
        },
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json()["expires_in"], int)


def test_everything_in_the_query_with_an_empty_body():
    answer = requests.post(
        f"{BASE}/ims/token/v3",
        params={
            "grant_type": "client_credentials",
            "client_id": SERVER["client_id"],
            "client_secret": SERVER["client_secret"],
            "scope": "openid",
        },
        timeout=10,
    )
    assert answer.status_code == 200, answer.text


def test_a_wrong_secret_is_told_with_the_exact_words_that_clients_match():
    answer = requests.post(
        f"{BASE}/ims/token/v4",
        data={"grant_type": "client_credentials", "client_id": SERVER["client_id"], "client_secret": "wrong"},
        timeout=10,
    )
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_client", "error_description": "invalid client_secret parameter"}
