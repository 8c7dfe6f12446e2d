/** What comes of a write of an administrator. */
import type { FieldError } from '#kernel/errors.js';

export interface Invalid {
  readonly outcome: 'invalid';
  readonly errors: readonly FieldError[];
}

/** `taken`: the identifier is, or once was, that of another one. `stale`: the version is not the one that the writer has seen. */
export type Written<T, New extends object = object> =
  | ({ readonly outcome: 'created'; readonly stored: T } & New)
  | { readonly outcome: 'changed'; readonly stored: T }
  | Invalid
  | { readonly outcome: 'taken' | 'stale' | 'not-found' };

export type Removed = 'removed' | 'stale' | 'not-found';
