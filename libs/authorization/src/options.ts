export class AuthorizationOptions {
  constructor(readonly issuer: string) {}
}
