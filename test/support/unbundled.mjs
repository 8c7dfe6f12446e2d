/** Starts the server from its single files instead of the bundle, for tests that patch a package or profile single files. */
import { runServer } from '../../dist/apps/server/src/start/run-server.js';

await runServer('machine');
