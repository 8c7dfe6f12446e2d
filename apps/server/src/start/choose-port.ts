import { createServer, type AddressInfo } from 'node:net';
import { StartError } from '#kernel/errors.js';
import type { Config } from '../config/config.js';

/**
 * Settles port 0 on a free port before anything is built, since the default issuer names it. Any other port is tried, so that
 * a taken one is told before a database is made. Throws `StartError`.
 */
export async function choosePort(config: Config): Promise<Config> {
  const port = await freePort(config);
  const issuer = config.issuer === 'http://localhost:0' ? `http://localhost:${String(port)}` : config.issuer;
  return Object.freeze({ ...config, port, issuer });
}

function freePort({ port, host }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(portProblem(error, { port, host })));
    probe.listen(port, host, () => {
      const { port: found } = probe.address() as AddressInfo;
      probe.close(() => resolve(found));
    });
  });
}

/** A sentence for the operator where an address cannot be listened on; any other error as it is. `prefix` is that of its variables. */
export function portProblem(error: Error, { port, host }: Pick<Config, 'port' | 'host'>, prefix = ''): Error {
  const code = 'code' in error ? String(error.code) : '';
  const sentence = SENTENCES[code]?.({ port: String(port), host, portName: `${prefix}PORT`, hostName: `${prefix}HOST` });
  return sentence === undefined ? error : new StartError(sentence, { cause: error });
}

interface Address {
  readonly port: string;
  readonly host: string;
  /** The variables that they come from. */
  readonly portName: string;
  readonly hostName: string;
}

const notHere = ({ host, hostName }: Address): string =>
  `${hostName}=${host} is no address of this machine: set ${hostName} to one, such as 127.0.0.1, or to 0.0.0.0 for all.`;

const SENTENCES: Readonly<Record<string, (address: Address) => string>> = {
  EADDRINUSE: ({ port, host, portName }) =>
    `Port ${port} of ${host} is taken: end the program that listens there, or set ${portName} to another port.`,
  EACCES: ({ port, portName }) => `This user may not listen on port ${port}: set ${portName} to 1024 or more.`,
  EADDRNOTAVAIL: notHere,
  ENOTFOUND: notHere,
  EAI_AGAIN: notHere,
};
