import type { Seam } from './seam.js';

/** A grant by which a client gets a token for a word. */
export const grantType: Seam = {
  row: 'a grant type',
  goal: 2,
  added: {
    'libs/token/src/grants/word.ts': `
import { Injectable } from '@nestjs/common';
import { OAuthError } from '#kernel/errors.js';
import { TokensIssued } from '../contracts.js';
import type { Entitlement, GrantType, TokenRequest } from './grant-type.js';

/** A token for a word. */
@Injectable()
export class WordGrant implements GrantType {
  readonly name = 'urn:example:word';

  async entitle({ client, parameters }: TokenRequest): Promise<Entitlement | OAuthError> {
    if (parameters.get('word') !== 'please') return new OAuthError('invalid_grant', 'The word is wrong.');
    const { client_id } = client;
    const about = { grant_id: null, client_id, sub: null, scope: '', grant_type: this.name, refresh_token: false, id_token: false };
    return {
      grant: undefined,
      user: undefined,
      scope: [],
      refreshToken: undefined,
      event: () => new TokensIssued(client_id, about),
    };
  }
}
`,
  },
  edits: [
    { file: 'libs/kernel/src/protocol-names.ts', anchor: "'client_credentials'", text: ", 'urn:example:word'" },
    {
      file: 'libs/token/src/grants/registry.ts',
      anchor: '  client_credentials: ClientCredentialsGrant,\n',
      text: "  'urn:example:word': WordGrant,\n",
    },
    {
      file: 'libs/token/src/grants/registry.ts',
      anchor: "import { RefreshTokenGrant } from './refresh-token.js';\n",
      text: "import { WordGrant } from './word.js';\n",
    },
  ],
};
