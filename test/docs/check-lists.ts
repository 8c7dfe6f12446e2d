/** The part of `docs/protocol.md` that lists the checks of the server, from the lists that the server runs. */
import { REQUEST_CHECKS, REQUEST_READERS } from '#authorization/domain/read-request.js';
import { REDEMPTION_CHECKS } from '#authorization/domain/redemption.js';
import { REDIRECT_TARGET_CHECKS } from '#authorization/domain/redirect-target.js';
import { REQUESTING_CLIENT_CHECKS } from '#authorization/domain/requesting-client.js';
import { CLIENT_CHECKS, PRESENTATION_CHECKS } from '#client-registry/domain/client-authentication.js';
import { REDIRECT_URI_CHECKS } from '#client-registry/domain/redirect-uri.js';
import { REFRESH_CHECKS } from '#token/domain/refresh.js';

interface Listed {
  readonly id: string;
  readonly section: string;
}

/** By the operation; the checks of one operation run in this order. */
export const CHECK_LISTS: Readonly<Record<string, readonly Listed[]>> = {
  'An authorization request': [
    ...REQUESTING_CLIENT_CHECKS,
    ...REDIRECT_TARGET_CHECKS,
    ...REQUEST_CHECKS,
    ...Object.values(REQUEST_READERS),
  ],
  'Client authentication': [...PRESENTATION_CHECKS, ...CLIENT_CHECKS],
  'The redemption of a code': REDEMPTION_CHECKS,
  'A refresh': REFRESH_CHECKS,
  'A redirect URI that a client registers': REDIRECT_URI_CHECKS,
};

/** A table for each list. */
export function checkLists(): string {
  const tables = Object.entries(CHECK_LISTS).map(([operation, checks]) => {
    const rows = checks.map(({ id, section }, index) => `| ${String(index + 1)} | \`${id}\` | ${section} |`);
    return [`**${operation}**`, '', '| | check | specification |', '|---:|---|---|', ...rows].join('\n');
  });
  return tables.join('\n\n');
}
