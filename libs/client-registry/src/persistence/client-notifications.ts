import { randomBytes } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Client as Connection, Notification } from 'pg';
import { Postgres } from '#database/connection.js';
import { CLIENT_CHANGED_CHANNEL } from './clients.js';

/** In milliseconds. */
const HEARTBEAT = 5000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;

const HEARTBEAT_CHANNEL = 'gatehouse_heartbeat';

interface Listener {
  /** From now on no change is missed. What was read before may be old. */
  connected(): void;
  /** From now on changes may be missed. */
  disconnected(): void;
  changed(clientId: string): void;
}

/**
 * Receives notifications of changed clients from Postgres (LISTEN) on a connection of its own. A connection that is lost is made
 * again, with growing pauses. A heartbeat proves that notifications arrive, before the cache relies on them and ever after: a
 * connection may be silently dead, and a pooler may give it to others between two statements and lose what is sent meanwhile.
 */
@Injectable()
export class ClientNotifications implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('ClientNotifications');
  #listener: Listener | undefined;
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE;
  #stopped = false;

  constructor(private readonly postgres: Postgres) {}

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  /** Does not wait for the connection. Until there is one, clients are read from the database. */
  onModuleInit(): void {
    void this.connect();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const connection = this.#connection;
    this.lose(connection);
    await connection?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const connection = this.postgres.client(HEARTBEAT);
    this.#connection = connection;
    connection.on('error', () => this.lose(connection)).on('end', () => this.lose(connection));
    connection.on('notification', ({ channel, payload }) => {
      if (channel === CLIENT_CHANGED_CHANNEL) this.#listener?.changed(payload ?? '');
    });
    const heartbeat = `${HEARTBEAT_CHANNEL}_${randomBytes(8).toString('hex')}`;
    try {
      await connection.connect();
      await connection.query(`LISTEN ${CLIENT_CHANGED_CHANNEL}; LISTEN ${heartbeat}`);
      await this.prove(connection, heartbeat);
    } catch {
      this.lose(connection);
      return;
    }
    if (this.#connection !== connection) return;
    this.#pause = FIRST_PAUSE;
    this.#listener?.connected();
    this.after(HEARTBEAT, () => this.beat(connection, heartbeat));
  }

  private async beat(connection: Connection, heartbeat: string): Promise<void> {
    try {
      await this.prove(connection, heartbeat);
      if (this.#connection === connection) this.after(HEARTBEAT, () => this.beat(connection, heartbeat));
    } catch {
      this.lose(connection);
    }
  }

  /** Sent through the pool, as the notification of a change is: a connection would receive its own even if no other one could. */
  private async prove(connection: Connection, heartbeat: string): Promise<void> {
    const word = this.postgres.pool.query('SELECT pg_notify($1, $2)', [heartbeat, '']);
    await Promise.all([heard(connection, heartbeat), word]);
  }

  private lose(connection: Connection | undefined): void {
    if (connection === undefined || this.#connection !== connection) return;
    this.#connection = undefined;
    this.#listener?.disconnected();
    if (this.#stopped) return;
    this.#logger.warn('Changes of clients are not heard; clients are read from the database until they are.');
    connection.end().catch(() => undefined);
    this.after(this.#pause, () => this.connect());
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  private after(milliseconds: number, work: () => Promise<void>): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void work(), milliseconds);
    this.#timer.unref();
  }
}

/** Rejects if nothing comes on the channel within the time of a heartbeat. */
function heard(connection: Connection, sought: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void): void => {
      clearTimeout(timer);
      connection.off('notification', listen);
      settled();
    };
    const listen = ({ channel }: Notification): void => {
      if (channel === sought) settle(resolve);
    };
    const timer = setTimeout(() => settle(() => reject(new Error('no notification has come'))), HEARTBEAT);
    timer.unref();
    connection.on('notification', listen);
  });
}
