import type { Form } from '../http/form.js';

/** The one page of ours that a login or sign-up without a request leads to. An address of the sender's choice would be anybody's. */
export type Return = '/account';

export interface ReturnTo {
  readonly handle: string | undefined;
  readonly returnTo: Return | undefined;
}

export function returnOf(form: Form): Return | undefined {
  return form.get('return') === '/account' ? '/account' : undefined;
}

/** The query by which the login page leads to the sign-up page, and back, without losing what comes afterwards. */
export function returnToQuery({ handle, returnTo }: ReturnTo): string {
  if (handle !== undefined) return `?request=${encodeURIComponent(handle)}`;
  return returnTo === undefined ? '' : `?return=${returnTo}`;
}
