/** The one configured URL that the server goes by; nothing of a request's `Host` header ever stands in for it. */
export class Issuer {
  /** Whether browsers reach the server over https, so that cookies and headers may insist on it. */
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

  /** The request target without the issuer's path, whether the proxy in front took it off or not. */
  strip(target: string): string {
    const rest = this.#path !== '' && target.startsWith(this.#path) ? target.slice(this.#path.length) : undefined;
    return rest !== undefined && /^[/?]/.test(rest) ? rest : target;
  }
}
