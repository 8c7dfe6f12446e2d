/** Clients of the load, each with another setting that decides what a lost answer means. */
export interface LoadClient {
  readonly id: string;
  /** Empty for a public client. */
  readonly secret: string;
  readonly redirectUri: string;
  /** Seconds. */
  readonly grace: number;
  readonly asksConsent: boolean;
}

const REDIRECT_URI = 'https://client.example/callback';
const DAY = 86_400;

/** All tokens outlive the run, so that none is excused by its expiry. */
const LASTING = {
  client_name: 'A client under torture',
  redirect_uris: [REDIRECT_URI],
  scope: 'openid profile api',
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  access_token_lifetime: DAY,
  refresh_token_lifetime: DAY,
  id_token_lifetime: DAY,
  authorization_code_lifetime: 600,
};

/** Metadata by client ID. */
export const CLIENTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  patient: { ...LASTING, refresh_token_grace: 60, require_consent: true },
  usual: { ...LASTING, require_consent: true },
  strict: { ...LASTING, refresh_token_grace: 0, id_token_signed_response_alg: 'ES256' },
  mobile: {
    ...LASTING,
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
    refresh_token_grace: 2,
  },
};

/** One that is registered to be removed again. */
export const SHORT_LIVED = { ...LASTING, refresh_token_grace: 10 };

export const KEEPER = 'keeper';
/** The administrator of the load: its tokens live as long as all others. */
export const KEEPER_METADATA = {
  client_name: 'Keeper',
  grant_types: ['client_credentials'],
  response_types: [],
  scope: 'clients:read clients:write users:read users:write events:read',
  access_token_lifetime: DAY,
};

export function loadClient(id: string, secret: string, metadata: Readonly<Record<string, unknown>>): LoadClient {
  const { refresh_token_grace: grace = 10, require_consent: asksConsent = false } = metadata as Record<string, never>;
  return { id, secret, redirectUri: REDIRECT_URI, grace, asksConsent };
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}
