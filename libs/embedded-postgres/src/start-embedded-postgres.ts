import { setTimeout as pause } from 'node:timers/promises';

import { bringUp, prepareSite } from './bring-up.js';
import type { Running, Site } from './bring-up.js';
import { openDataDirectory } from './data-directory.js';
import { EmbeddedPostgresError, messageOf } from './embedded-postgres-error.js';
import { shutDown } from './postmaster.js';
import { isUsedByOthers, urlOf } from './session.js';
import type { Session } from './session.js';
import { withLock } from './start-lock.js';

/**
 * Owns the database of a Gatehouse that was given none: a real Postgres beside the server, for as long as the server runs. It
 * keeps its data between starts, serves several server processes on one data directory, and comes back when it was killed.
 */
export { EmbeddedPostgresError };

export interface EmbeddedPostgres {
  /** `postgresql://gatehouse:…@127.0.0.1:port/gatehouse`, for a superuser; stays the same until `stop`. Holds the password. */
  readonly url: string;
  /** Whether it ran already: after a server that was killed, or beside another one. */
  readonly adopted: boolean;
  /**
   * Ends this process's use, and the database with it unless another server process uses it. Close the pools of this process
   * first. Rejects with an EmbeddedPostgresError when the database does not stop within 25 s.
   */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Made if need be, such as `.gatehouse`. */
  readonly dataDirectory: string;
  readonly log?: (line: string) => void;
}

const LONGEST_PAUSE_MS = 5_000;

/** Rejects with an EmbeddedPostgresError that says what to do. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const directory = openDataDirectory(options.dataDirectory);
  try {
    return await withLock(directory.lockFile, async () => {
      const site = await prepareSite(directory, log);
      const running = await bringUp(site);
      log(`the embedded Postgres ${running.adopted ? 'runs already' : 'runs'} on port ${running.port}`);
      return new KeptPostgres(site, running);
    });
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    throw new EmbeddedPostgresError(`The embedded Postgres in ${directory.path} cannot be started (${messageOf(error)}): `
      + 'remove that cause, or set DATABASE_URL to a Postgres of your own.', { cause: error });
  }
}

/** Watches the session and, when it is lost, brings the database back at the same address. */
class KeptPostgres implements EmbeddedPostgres {
  readonly url: string;
  readonly adopted: boolean;
  readonly #site: Site;
  readonly #port: number;
  readonly #ending = new AbortController();
  #session: Session | undefined;
  #restored: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(site: Site, { session, port, adopted }: Running) {
    this.#site = site;
    this.#port = port;
    this.url = urlOf(site, port);
    this.adopted = adopted;
    this.#keep(session);
  }

  stop(): Promise<void> {
    this.#ending.abort();
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  #keep(session: Session): void {
    this.#session = session;
    // The database alone gives the process nothing to do.
    session.socket.unref();
    session.client.once('end', () => {
      this.#session = undefined;
      if (!this.#ending.signal.aborted) this.#restored = this.#restore();
    });
  }

  async #restore(): Promise<void> {
    this.#site.log('the embedded Postgres is gone: starting it again');
    for (let wait = 100; !this.#ending.signal.aborted; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      try {
        this.#keepRestored(await withLock(this.#site.lockFile, () => bringUp(this.#site, this.#port)));
        return;
      } catch (error) {
        this.#site.log(messageOf(error));
        await pause(wait, undefined, { ref: false, signal: this.#ending.signal }).catch(() => undefined);
      }
    }
  }

  #keepRestored({ session, port }: Running): void {
    this.#keep(session);
    if (port === this.#port) this.#site.log('the embedded Postgres is back');
    else this.#site.log(`the embedded Postgres came back on port ${port}, not ${this.#port}: start Gatehouse again`);
  }

  async #stop(): Promise<void> {
    await this.#restored;
    await withLock(this.#site.lockFile, async () => {
      const session = this.#session;
      session?.socket.ref();
      // A session that breaks now was that of a database that is gone.
      const needed = session !== undefined && (await isUsedByOthers(session).catch(() => false));
      await session?.client.end();
      if (needed) this.#site.log('the embedded Postgres stays for another server process');
      else await shutDown(this.#site.cluster);
    });
  }
}
