/** A page of a list in the order of its key. Entries that come or go meanwhile shift nothing. */
export interface PageRequest {
  readonly limit: number;
  /** The key of the entry before the page. */
  readonly after: string | undefined;
  /** A text that the entries contain. */
  readonly q: string | undefined;
  readonly descending: boolean;
}
