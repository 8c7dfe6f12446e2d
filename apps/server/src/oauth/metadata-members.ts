import { EndpointNames } from '../http/endpoint-names.js';

/** RFC 8414 §2. The document of OpenID Connect has them too. */
export const SERVER_MEMBERS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const;
/** OpenID Connect Discovery §3. */
export const PROVIDER_MEMBERS = ['userinfo_endpoint'] as const;

export type MetadataMember = (typeof SERVER_MEMBERS)[number] | (typeof PROVIDER_MEMBERS)[number];

/** The members of the discovery documents that are addresses. The start fails unless each has one endpoint. */
export const MEMBERS = new EndpointNames('member of the metadata', [...SERVER_MEMBERS, ...PROVIDER_MEMBERS]);
