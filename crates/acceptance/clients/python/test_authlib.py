"""Authlib as published: code flow with PKCE, a verified id_token, refresh, revocation."""

import json
import os

import pytest
import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt

from forms import Browser

DEMO = json.load(open(os.environ["TOLLGATE_DEMO_JSON"], encoding="utf-8"))
WEB = DEMO["credentials"]["web_app"]
PERSON = DEMO["users"][1]
METADATA = requests.get(f"{DEMO['base_url']}/.well-known/openid-configuration", timeout=10).json()


def client():
    return OAuth2Session(
        WEB["client_id"],
        WEB["client_secret"],
        scope="openid profile email offline_access",
        redirect_uri=WEB["redirect_uri"],
        code_challenge_method="S256",
        token_endpoint=METADATA["token_endpoint"],
        revocation_endpoint_auth_method="client_secret_basic",
    )


def signed_in(session):
    verifier, nonce = generate_token(48), generate_token(20)
    url, _state = session.create_authorization_url(METADATA["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
    back = Browser(WEB["redirect_uri"]).sign_in(url, PERSON["email"], PERSON["password"])
    token = session.fetch_token(METADATA["token_endpoint"], authorization_response=back, code_verifier=verifier)
    return token, nonce


def test_the_id_token_is_signed_by_a_published_key_and_meant_for_this_client():
    session = client()
    token, nonce = signed_in(session)
    keys = JsonWebKey.import_key_set(requests.get(METADATA["jwks_uri"], timeout=10).json())
    claims = jwt.decode(
        token["id_token"],
        keys,
        claims_options={
            "iss": {"essential": True, "value": METADATA["issuer"]},
            "aud": {"essential": True, "value": WEB["client_id"]},
            "nonce": {"essential": True, "value": nonce},
        },
    )
    claims.validate()
    info = session.get(METADATA["userinfo_endpoint"]).json()
    assert info["sub"] == claims["sub"]
    assert info["email"] == PERSON["email"]


def test_a_token_is_refreshed_and_revoked():
    session = client()
    token, _ = signed_in(session)
    fresh = session.refresh_token(METADATA["token_endpoint"])
    assert fresh["refresh_token"] != token["refresh_token"]
    assert session.revoke_token(METADATA["revocation_endpoint"], fresh["refresh_token"]).status_code == 200
    with pytest.raises(OAuthError, match="invalid_grant"):
        session.refresh_token(METADATA["token_endpoint"], refresh_token=fresh["refresh_token"])
