/** The configured URL of the server. The `Host` header of a request never replaces it. */
export class Issuer {
  /** Whether browsers use https, so cookies and headers may require it. */
  readonly secure: boolean;
  readonly #path: string;

  constructor(readonly url: string) {
    const { protocol, pathname } = new URL(url);
    this.secure = protocol === 'https:';
    this.#path = pathname === '/' ? '' : pathname;
  }

  /** The absolute URL of one of our own paths, for documents and challenges. */
  absolute(path: string): string {
    return this.url + path;
  }

  /** Our own path as browsers see it, for links, forms and redirects inside this server. */
  path(path: string): string {
    return this.#path + path;
  }

  /** The request target without the path of the issuer, which a proxy may have removed already. */
  strip(target: string): string {
    const rest = this.#path !== '' && target.startsWith(this.#path) ? target.slice(this.#path.length) : undefined;
    return rest !== undefined && /^[/?]/.test(rest) ? rest : target;
  }
}
