import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import { StartError } from '#kernel/errors.js';
import { Keyring } from '#kernel/keyring.js';
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '#kernel/protocol-names.js';
import { jwtHeader, newKeyPair, publicJwk, type PublicJwk, signJwt } from './domain/signing.js';
import { SigningKeyStore, type SigningKeyRow } from './persistence/signing-key-store.js';

const PURPOSE = 'signing-key';

interface Signer {
  readonly header: string;
  readonly privateKey: KeyObject;
}

/** The keys that sign, open in memory only. Made at the first start, one for each algorithm. */
@Injectable()
export class SigningKeys implements OnModuleInit {
  #signers: ReadonlyMap<SigningAlgorithm, Signer> = new Map();
  #published: readonly PublicJwk[] = [];

  constructor(
    private readonly store: SigningKeyStore,
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    const known = await this.store.list();
    const missing = SIGNING_ALGORITHMS.filter((alg) => !known.some((key) => key.alg === alg));
    for (const alg of missing) await this.create(alg);
    const keys = missing.length === 0 ? known : await this.store.list();
    this.#signers = new Map(keys.map((key) => [key.alg, this.open(key)]));
    this.#published = keys.map((key) => key.publicJwk);
    for (const key of keys) await this.reseal(key);
  }

  /** The public keys, as they are published. */
  get published(): readonly PublicJwk[] {
    return this.#published;
  }

  sign(payload: object, alg: SigningAlgorithm): string {
    const signer = this.#signers.get(alg);
    if (signer === undefined) throw new Error(`there is no key for ${alg}`);
    return signJwt(signer.header, payload, signer.privateKey);
  }

  private async create(alg: SigningAlgorithm): Promise<void> {
    const { privateKey, publicKey } = newKeyPair(alg);
    const jwk = publicJwk(publicKey, alg);
    const sealedPrivateKey = this.keyring.seal(privateKey.export({ format: 'der', type: 'pkcs8' }), PURPOSE);
    await this.store.insertFirst({ kid: jwk.kid, alg, state: 'active', publicJwk: jwk, sealedPrivateKey, createdAt: this.clock.now() });
  }

  /** Takes a key over to the newest secret, so that the older ones can be dropped at the next start. */
  private async reseal(key: SigningKeyRow): Promise<void> {
    const resealed = this.keyring.reseal(key.sealedPrivateKey, PURPOSE);
    if (resealed !== undefined) await this.store.reseal(key, resealed);
  }

  private open({ kid, alg, sealedPrivateKey }: SigningKeyRow): Signer {
    const key = this.keyring.open(sealedPrivateKey, PURPOSE);
    if (key === undefined) {
      throw new StartError(`GATEHOUSE_SECRET does not open the signing key ${kid} of the database: set it to the secret that the key `
        + 'was made under, or put that one behind the new one and a comma; where it was generated, bring back the file "secret" of the '
        + 'data directory.');
    }
    return { header: jwtHeader(alg, kid), privateKey: createPrivateKey({ key, format: 'der', type: 'pkcs8' }) };
  }
}
