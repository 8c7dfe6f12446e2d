import { Outbox1760000000001 } from '#migrations/1760000000001-outbox.js';
import { ClientRegistry1760000000002 } from '#migrations/1760000000002-client-registry.js';
import { Authentication1760000000003 } from '#migrations/1760000000003-authentication.js';
import { Events1760000000004 } from '#migrations/1760000000004-events.js';
import { Authorization1760000000005 } from '#migrations/1760000000005-authorization.js';
import { Token1760000000006 } from '#migrations/1760000000006-token.js';
import { LivingAccounts1760000000007 } from '#migrations/1760000000007-living-accounts.js';
import { Claims1760000000008 } from '#migrations/1760000000008-claims.js';
import { ConsentEndsTheRequest1760000000009 } from '#migrations/1760000000009-consent-ends-the-request.js';
import { SessionUsers1760000000010 } from '#migrations/1760000000010-session-users.js';
import { AffectedRows1760000000011 } from '#migrations/1760000000011-affected-rows.js';
import { HandlerNames1760000000012 } from '#migrations/1760000000012-handler-names.js';
import { SessionMethods1760000000013 } from '#migrations/1760000000013-session-methods.js';
import { CodesWithoutAuthenticator1760000000014 } from '#migrations/1760000000014-codes-without-authenticator.js';

/** Every migration, in the order of their names. */
export const migrations = [
  Outbox1760000000001,
  ClientRegistry1760000000002,
  Authentication1760000000003,
  Events1760000000004,
  Authorization1760000000005,
  Token1760000000006,
  LivingAccounts1760000000007,
  Claims1760000000008,
  ConsentEndsTheRequest1760000000009,
  SessionUsers1760000000010,
  AffectedRows1760000000011,
  HandlerNames1760000000012,
  SessionMethods1760000000013,
  CodesWithoutAuthenticator1760000000014,
] as const;
