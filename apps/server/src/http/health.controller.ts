import { Controller, Get, Header } from '@nestjs/common';
import { Database } from '#database/database.js';
import type { Statement } from '#database/statement.js';

const ask: Statement = { name: 'health_ask', text: 'SELECT 1 AS one' };

@Controller('health')
export class HealthController {
  constructor(private readonly database: Database) {}

  /** The process runs; restarting it would not help whatever else is wrong. */
  @Get('live')
  @Header('Cache-Control', 'no-store')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Requests can be served: the database answers. Otherwise 503, as for any request that needs it. */
  @Get('ready')
  @Header('Cache-Control', 'no-store')
  async ready(): Promise<{ status: 'ok' }> {
    await this.database.query(ask);
    return { status: 'ok' };
  }
}
