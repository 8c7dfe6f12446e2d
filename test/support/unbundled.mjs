/** The server out of its many files, for who takes its packages apart, or wants to tell its files from each other. */
import { runServer } from '../../dist/apps/server/src/start/run-server.js';

await runServer('machine');
