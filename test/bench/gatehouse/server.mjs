/** The server out of its many files: a profile tells them apart, and not what lies in one file of all. */
import { runServer } from '../../../dist/apps/server/src/run-server.js';

await runServer('machine');
