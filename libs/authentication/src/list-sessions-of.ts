import { HandlesQuery } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { ListSessionsOf, type SessionOverview } from './contracts.js';
import { AuthenticationOptions } from './options.js';
import { Sessions } from './persistence/sessions.js';

@HandlesQuery(ListSessionsOf)
export class ListSessionsOfHandler {
  constructor(
    private readonly sessions: Sessions,
    private readonly clock: Clock,
    private readonly options: AuthenticationOptions,
  ) {}

  async execute({ sub }: ListSessionsOf): Promise<readonly SessionOverview[]> {
    return this.sessions.list(sub, this.clock.now(), this.options.sessionIdleLifetime);
  }
}
