import { administeredResource } from './administered-resource.js';
import { authenticator } from './authenticator.js';
import { carriedColumn } from './carried-column.js';
import { clientAuthenticationMethod } from './client-authentication-method.js';
import { grantType } from './grant-type.js';
import { oauthEndpoint } from './oauth-endpoint.js';
import type { Seam } from './seam.js';

/** In the order of the table in docs/architecture.md. */
export const SEAMS: readonly Seam[] = [
  grantType,
  clientAuthenticationMethod,
  authenticator,
  oauthEndpoint,
  administeredResource,
  carriedColumn,
];
