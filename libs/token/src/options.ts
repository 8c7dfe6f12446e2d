export class TokenOptions {
  constructor(readonly issuer: string) {}
}
