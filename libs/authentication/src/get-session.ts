import { HandlesQuery } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import { GetSession, type Session } from './contracts.js';
import { AuthenticationOptions } from './options.js';
import { Sessions } from './persistence/sessions.js';

@HandlesQuery(GetSession)
export class GetSessionHandler {
  constructor(
    private readonly sessions: Sessions,
    private readonly clock: Clock,
    private readonly options: AuthenticationOptions,
  ) {}

  async execute(query: GetSession): Promise<Session | undefined> {
    const secret = ExpiringSecret.parse(query.secret.reveal());
    const now = this.clock.now();
    if (secret === undefined || secret.hasExpired(now)) return undefined;
    return this.sessions.use(secret, now, this.options.sessionIdleLifetime);
  }
}
