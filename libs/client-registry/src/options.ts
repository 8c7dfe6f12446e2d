export class ClientRegistryOptions {
  constructor(
    /** `strict` refuses a request that offers its credentials twice, even equal ones (RFC 6749 §2.3). */
    readonly clientAuthentication: 'lenient' | 'strict',
  ) {}
}
