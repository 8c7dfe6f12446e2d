import { Get } from '@nestjs/common';
import { Database } from '#database/database.js';
import type { Statement } from '#database/statement.js';
import { OperatorEndpoint } from './operator-endpoint.js';

const ask: Statement = { name: 'health_ask', text: 'SELECT 1 AS one' };

@OperatorEndpoint('health')
export class HealthController {
  constructor(private readonly database: Database) {}

  /** The process runs: a restart would not repair anything else. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** The database answers, so requests can be served. Otherwise the answer is 503, as to any request that needs the database. */
  @Get('ready')
  async ready(): Promise<{ status: 'ok' }> {
    await this.database.query(ask);
    return { status: 'ok' };
  }
}
