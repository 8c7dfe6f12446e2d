"""The authorization code flow by Authlib: ISSUER, CLIENT_ID and CLIENT_SECRET come from the environment."""

import json
import os

import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt

issuer = os.environ["ISSUER"]
# Authlib wants https; over http Gatehouse is asked on this machine only.
if issuer.startswith("http://"):
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
server = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
client = OAuth2Session(
    os.environ["CLIENT_ID"],
    os.environ["CLIENT_SECRET"],
    scope="openid profile email",
    redirect_uri="http://localhost/callback",
    code_challenge_method="S256",
)
verifier, nonce = generate_token(48), generate_token(32)
url, state = client.create_authorization_url(server["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
print(f"Open this address and sign in:\n{url}", flush=True)
print("Paste the address at which the browser ends, where nobody answers:", flush=True)
callback = input()

tokens = client.fetch_token(
    server["token_endpoint"], authorization_response=callback, state=state, code_verifier=verifier
)
keys = JsonWebKey.import_key_set(requests.get(server["jwks_uri"], timeout=10).json())
claims = jwt.decode(
    tokens["id_token"],
    keys,
    claims_options={
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": client.client_id},
        "nonce": {"essential": True, "value": nonce},
    },
)
claims.validate()
print("Userinfo:\n" + json.dumps(client.get(server["userinfo_endpoint"]).json()))

refreshed = client.refresh_token(server["token_endpoint"], refresh_token=tokens["refresh_token"])
print(f'Refreshed: a new {refreshed["token_type"]} token for "{refreshed["scope"]}"')
