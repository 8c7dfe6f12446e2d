#!/usr/bin/env bash
# The authorization code flow by hand: ISSUER, CLIENT_ID and CLIENT_SECRET come from the environment.
set -euo pipefail
: "${ISSUER:?}" "${CLIENT_ID:?}" "${CLIENT_SECRET:?}"
redirect_uri=http://localhost/callback

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
# The secret by a file that is none, so that it is in no list of processes.
as_client() { curl --silent --show-error --fail-with-body --config <(printf 'user = "%s:%s"\n' "$CLIENT_ID" "$CLIENT_SECRET") "$@"; }

verifier=$(openssl rand 32 | base64url)
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | base64url)
state=$(openssl rand 16 | base64url)

echo "Open this address and sign in:"
echo "$ISSUER/oauth/v2/oauth-authorize?response_type=code&client_id=$CLIENT_ID&redirect_uri=$redirect_uri&scope=openid+profile+email&state=$state&code_challenge=$challenge&code_challenge_method=S256"
echo "Paste the address at which the browser ends, where nobody answers:"
read -r callback

[[ $callback == *"state=$state"* ]] || { echo 'That is the answer to another request.' >&2; exit 1; }
code=$(sed -n 's/.*[?&]code=\([^&]*\).*/\1/p' <<<"$callback")

tokens=$(as_client --data grant_type=authorization_code --data-urlencode "code=$code" \
  --data-urlencode "redirect_uri=$redirect_uri" --data "code_verifier=$verifier" "$ISSUER/oauth/v2/oauth-token")

echo "Userinfo:"
curl --silent --show-error --fail-with-body --header @<(echo "Authorization: Bearer $(member access_token <<<"$tokens")") \
  "$ISSUER/oauth/v2/oauth-userinfo"
echo

tokens=$(as_client --data grant_type=refresh_token --data "refresh_token=$(member refresh_token <<<"$tokens")" "$ISSUER/oauth/v2/oauth-token")
echo "Refreshed: a new $(member token_type <<<"$tokens") token for \"$(member scope <<<"$tokens")\""
