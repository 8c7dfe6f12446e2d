/** The kinds of endpoints that clients call, and their decorators. */
import { applyDecorators } from '@nestjs/common';
import { endpoint, type EndpointKind, NO_STORE } from '../http/endpoint-kind.js';
import { renderJsonError } from '../http/json-error.js';
import { renderErrorPage } from '../pages/error-page.js';
import { MEMBERS, type MetadataMember } from './metadata-members.js';

/** Needs no CSRF token: each request carries the credentials of the client, and no cookie counts. */
export const OAUTH_ENDPOINT: EndpointKind = {
  name: 'OAuth endpoint',
  body: 'form',
  formsFromAnywhere: true,
  // RFC 6749 §5.1
  headers: { ...NO_STORE, pragma: 'no-cache' },
  challenge: 'basic',
  renderError: renderJsonError,
  answersFor: ['/oauth', '/oauth/*'],
};

/** Needs no CSRF token: each request carries its own access token, and no cookie counts. */
export const PROTECTED_RESOURCE: EndpointKind = {
  name: 'protected resource',
  body: 'form',
  formsFromAnywhere: true,
  headers: NO_STORE,
  challenge: 'bearer',
  renderError: renderJsonError,
  answersFor: ['/oauth/v2/oauth-userinfo'],
};

/** A client sends the browser of a user here, by a redirect or by a form on its own site. The user sees the errors. */
export const FRONT_CHANNEL_ENDPOINT: EndpointKind = {
  name: 'front-channel endpoint',
  body: 'form',
  formsFromAnywhere: true,
  headers: NO_STORE,
  challenge: 'none',
  renderError: renderErrorPage,
  answersFor: ['/oauth/v2/oauth-authorize*', '/oauth/v2/oauth-session*'],
};

/** Every client may read the document, from scripts in browsers too, and may keep it for five minutes. */
export const PUBLIC_DOCUMENT: EndpointKind = {
  name: 'public document',
  body: 'none',
  headers: { 'cache-control': 'public, max-age=300' },
  cors: 'any-origin',
  challenge: 'none',
  renderError: renderJsonError,
  answersFor: ['/.well-known', '/.well-known/*'],
};

interface InMetadata {
  /** The member of the discovery documents that has the address of the endpoint. */
  readonly metadata: MetadataMember;
}

/** An endpoint that authenticates clients, such as the token endpoint (RFC 6749 §3.2). */
export function OAuthEndpoint(path: string, { metadata }: InMetadata): ClassDecorator {
  return applyDecorators(endpoint(OAUTH_ENDPOINT, path), MEMBERS.give(metadata));
}

/** An endpoint that takes an access token (RFC 6750), such as userinfo. */
export function ProtectedResource(path: string, { metadata }: InMetadata): ClassDecorator {
  return applyDecorators(endpoint(PROTECTED_RESOURCE, path), MEMBERS.give(metadata));
}

/** An endpoint that clients send browsers to, such as the authorization endpoint (RFC 6749 §3.1). */
export function FrontChannelEndpoint(path: string, { metadata }: InMetadata): ClassDecorator {
  return applyDecorators(endpoint(FRONT_CHANNEL_ENDPOINT, path), MEMBERS.give(metadata));
}

/** A document about the server. The discovery documents name no `metadata`: no member has their address. */
export function PublicDocument(path: string, { metadata }: Partial<InMetadata> = {}): ClassDecorator {
  return applyDecorators(endpoint(PUBLIC_DOCUMENT, path), MEMBERS.give(metadata));
}
