import type { Seam } from './seam.js';

/** An endpoint that tells a client its own scope. */
export const oauthEndpoint: Seam = {
  row: 'an OAuth endpoint',
  goal: 5,
  added: {
    'libs/token/src/tell-scope.ts': `
import { HandlesQuery } from '#kernel/bus.js';
import { TellScope } from './contracts.js';

@HandlesQuery(TellScope)
export class TellScopeHandler {
  async execute({ client }: TellScope): Promise<string> {
    return client.scope;
  }
}
`,
    'apps/server/src/oauth/scope.controller.ts': `
import { HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { QueryBus } from '#kernel/bus.js';
import { TellScope } from '#token/contracts.js';
import { ClientAuthentication } from './client-authentication.js';
import { OAuthEndpoint } from './endpoint-kinds.js';
import { protocolForm } from './protocol-form.js';

@OAuthEndpoint('/oauth/v2/oauth-scope', { metadata: 'scope_endpoint' })
export class ScopeController {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @HttpCode(200)
  async tell(@Req() request: FastifyRequest): Promise<{ scope: string }> {
    const client = await this.clients.authenticate(request, protocolForm(request));
    return { scope: await this.queries.execute(new TellScope(client)) };
  }
}
`,
  },
  edits: [
    {
      file: 'libs/token/src/contracts.ts',
      anchor: 'export interface Jwks {',
      text: `/** The scope of a client. */
export class TellScope extends Query<string> {
  constructor(readonly client: Client) {
    super();
  }
}

`,
      before: true,
    },
    { file: 'libs/token/src/token.module.ts', anchor: '  ReadIdTokenHintHandler,\n', text: '  TellScopeHandler,\n' },
    {
      file: 'libs/token/src/token.module.ts',
      anchor: 'import { TokenOptions } from',
      text: "import { TellScopeHandler } from './tell-scope.js';\n",
      before: true,
    },
    { file: 'apps/server/src/oauth/metadata-members.ts', anchor: "['authorization_endpoint', ", text: "'scope_endpoint', " },
    { file: 'apps/server/src/oauth/oauth.module.ts', anchor: 'controllers: [AuthorizeController, ', text: 'ScopeController, ' },
    {
      file: 'apps/server/src/oauth/oauth.module.ts',
      anchor: "import { TokenController } from './token.controller.js';\n",
      text: "import { ScopeController } from './scope.controller.js';\n",
      before: true,
    },
  ],
};
