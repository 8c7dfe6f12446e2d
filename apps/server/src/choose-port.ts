import { createServer, type AddressInfo } from 'node:net';
import type { Config } from './config.js';

/** Settles port 0 on a free port before anything is built, since the default issuer names it. */
export async function choosePort(config: Config): Promise<Config> {
  if (config.port !== 0) return config;
  const port = await freePort(config.host);
  const issuer = config.issuer === 'http://localhost:0' ? `http://localhost:${String(port)}` : config.issuer;
  return Object.freeze({ ...config, port, issuer });
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
