import type { Form } from '../http/form.js';

/** The only allowed return target. A caller-supplied URL would be an open redirect. */
export type Return = '/account';

export interface ReturnTo {
  readonly handle: string | undefined;
  readonly returnTo: Return | undefined;
}

export function returnOf(form: Form): Return | undefined {
  return form.get('return') === '/account' ? '/account' : undefined;
}

/** The query of the links between the login page and the sign-up page, which keeps the handle or the return target. */
export function returnToQuery({ handle, returnTo }: ReturnTo): string {
  if (handle !== undefined) return `?request=${encodeURIComponent(handle)}`;
  return returnTo === undefined ? '' : `?return=${returnTo}`;
}
