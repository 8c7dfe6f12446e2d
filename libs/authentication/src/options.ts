/** Settings of the module. */
export class AuthenticationOptions {
  constructor(
    /** Seconds without use after which a session ends. */
    readonly sessionIdleLifetime: number,
    /** Seconds after the login at which a session ends. */
    readonly sessionAbsoluteLifetime: number,
  ) {}
}
