import type { Seam } from './seam.js';

/** A client proves itself by its own name, read backwards. */
export const clientAuthenticationMethod: Seam = {
  row: 'a client authentication method',
  goal: 2,
  added: {
    'libs/client-registry/src/authentication-methods/backwards.ts': `
import { Injectable } from '@nestjs/common';
import type { ClientRequest } from '../contracts.js';
import type { Presented, Proof } from '../domain/client-authentication.js';
import type { ClientAuthenticationMethod } from './authentication-method.js';

interface PresentedName extends Presented {
  readonly backwards: string;
}

/** The client ID, read backwards. */
@Injectable()
export class Backwards implements ClientAuthenticationMethod<PresentedName> {
  static readonly needs = 'nothing';
  readonly name = 'client_id_backwards';

  presented({ parameters }: ClientRequest): PresentedName | undefined {
    const backwards = parameters.get('client_id_backwards');
    return backwards === undefined ? undefined : { method: this.name, clientId: parameters.get('client_id'), backwards };
  }

  prove({ clientId = '', backwards }: PresentedName): Proof {
    const isRight = [...clientId].reverse().join('') === backwards;
    return isRight ? { proven: true } : { proven: false, reason: 'not-backwards' };
  }
}
`,
  },
  edits: [
    {
      file: 'libs/kernel/src/protocol-names.ts',
      anchor: "['client_secret_basic', 'client_secret_post', ",
      text: "'client_id_backwards', ",
    },
    {
      file: 'libs/client-registry/src/authentication-methods/registry.ts',
      anchor: '  client_secret_post: ClientSecretPost,\n',
      text: '  client_id_backwards: Backwards,\n',
    },
    {
      file: 'libs/client-registry/src/authentication-methods/registry.ts',
      anchor: "import { ClientSecretBasic } from './client-secret-basic.js';\n",
      text: "import { Backwards } from './backwards.js';\n",
      before: true,
    },
  ],
};
