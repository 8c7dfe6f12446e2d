import { setTimeout as pause } from 'node:timers/promises';

import { prepareBinaries } from './binaries.js';
import { createCluster } from './create-cluster.js';
import { checkedCluster, ownerOf, passwordOf } from './data-directory.js';
import type { DataDirectory } from './data-directory.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { dropRecordOfTheDead, freePort, launch, recordedPostmaster, runningPostmaster } from './postmaster.js';
import type { Installation } from './postmaster.js';
import { accountFor, canReach, giveTo, homeFor, unreachable } from './run-as.js';
import { openSession } from './session.js';
import type { Access, Session } from './session.js';

/** Owns the way from a data directory to a session with the database in it. Call with the lock. */
export interface Site extends Installation, Access {
  readonly lockFile: string;
  readonly log: (line: string) => void;
}

export interface Running {
  readonly session: Session;
  readonly port: number;
  readonly adopted: boolean;
}

/** A postmaster that was killed leaves a record, and backends that still hold its memory, for some seconds. */
const PATIENCE_WITH_REMAINS_MS = 15_000;
/** One that works is on its way up or down; recovery reads all that was written since the last checkpoint. */
const PATIENCE_WITH_RUNNING_MS = 120_000;

/** Sets up what is missing. */
export async function prepareSite(directory: DataDirectory, log: (line: string) => void): Promise<Site> {
  const owner = ownerOf(directory);
  const account = accountFor(owner);
  const home = homeFor(account, directory.path);
  const binaries = prepareBinaries(account, home);
  if (owner === undefined) {
    log(`setting up the embedded Postgres in ${directory.path}`);
    await createCluster({ directory, binaries, account, home });
  }
  const cluster = checkedCluster(directory, binaries.major);
  if (owner === 0) giveTo(account, cluster);
  if (account && !canReach(account, cluster)) throw unreachable(account, cluster, 'a directory above it is closed');
  const { logFile, lockFile, passwordFile } = directory;
  return { cluster, account, postgres: binaries.postgres, logFile, lockFile, log, passwordFile, password: passwordOf(directory) };
}

/** Adopts the postmaster that runs, or else starts one, on `port` if that is given. */
export async function bringUp(site: Site, port?: number): Promise<Running> {
  const begin = performance.now();
  // After a kill: other server processes still know that port.
  let before = recordedPostmaster(site.cluster)?.port;
  for (let launched = false; ; ) {
    const found = runningPostmaster(site.cluster);
    if (found) {
      const session = found.ready ? await openSession(site, found.port) : 'it does not get ready';
      if (typeof session !== 'string') return { session, port: found.port, adopted: !launched };
      await waitOn(site, session, begin + PATIENCE_WITH_RUNNING_MS);
    } else {
      dropRecordOfTheDead(site.cluster);
      const refusal = await launch(site, port ?? (await freePort(before)));
      launched = refusal === undefined;
      if (refusal?.kind === 'port') before = undefined;
      if (refusal) await waitOn(site, refusal.reason, refusal.kind === 'lasting' ? begin : begin + PATIENCE_WITH_REMAINS_MS);
    }
  }
}

async function waitOn(site: Site, reason: string, deadline: number): Promise<void> {
  if (performance.now() < deadline) return pause(50);
  throw new EmbeddedPostgresError(`The embedded Postgres does not start (${reason}): remove the cause, which ${site.logFile} `
    + 'tells in full, and start again.');
}

