/** The OAuth clients of the workload. Their settings differ in what they do to a client whose answer was lost. */
export interface OAuthClient {
  readonly id: string;
  /** Empty for a public client. */
  readonly secret: string;
  readonly redirectUri: string;
  /** Seconds. */
  readonly grace: number;
}

const REDIRECT_URI = 'https://client.example/callback';
const DAY_SECONDS = 86_400;

/** No token expires within a run, so expiry never explains a refusal. */
const LONG_LIVED = {
  client_name: 'A client under torture',
  redirect_uris: [REDIRECT_URI],
  scope: 'openid profile api',
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  access_token_lifetime: DAY_SECONDS,
  refresh_token_lifetime: DAY_SECONDS,
  id_token_lifetime: DAY_SECONDS,
  authorization_code_lifetime: 600,
};

/** Their metadata, by client ID. */
export const CLIENTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  patient: { ...LONG_LIVED, refresh_token_grace: 60, require_consent: true },
  usual: { ...LONG_LIVED, require_consent: true },
  strict: { ...LONG_LIVED, refresh_token_grace: 0, id_token_signed_response_alg: 'ES256' },
  mobile: {
    ...LONG_LIVED,
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
    refresh_token_grace: 2,
  },
};

/** The metadata of a client that is removed again. */
export const TEMPORARY_METADATA = { ...LONG_LIVED, refresh_token_grace: 10 };

export const ADMINISTRATOR_ID = 'administrator';
/** The administrator of the workload. Its tokens live as long as all others, which those of the first administrator do not. */
export const ADMINISTRATOR_METADATA = {
  client_name: 'Administrator',
  grant_types: ['client_credentials'],
  response_types: [],
  scope: 'clients:read clients:write users:read users:write events:read',
  access_token_lifetime: DAY_SECONDS,
};

export function oauthClient(id: string, secret: string, metadata: Readonly<Record<string, unknown>>): OAuthClient {
  const { refresh_token_grace: grace = 10 } = metadata as Record<string, never>;
  return { id, secret, redirectUri: REDIRECT_URI, grace };
}
