import { applyDecorators } from '@nestjs/common';
import type { NextStep } from '#authorization/contracts.js';
import { endpoint, type EndpointKind, NO_STORE } from '../http/endpoint-kind.js';
import { EndpointNames } from '../http/endpoint-names.js';
import { renderErrorPage } from './error-page.js';

/** A step of an authorization that a page asks the user for. */
type PageStep = Extract<NextStep, { readonly handle: unknown }>['step'];

/** The start fails unless each step has one page. A step that is missing here does not compile. */
export const STEPS = new EndpointNames('step of the authorization', ['login', 'sign-up', 'consent']);

/** A page is never stored: it shows who is signed in, and its CSRF token belongs to one browser. */
export const PAGE: EndpointKind = {
  name: 'page',
  body: 'form',
  headers: NO_STORE,
  challenge: 'none',
  renderError: renderErrorPage,
  answersFor: ['*'],
};

interface PageOptions {
  /** The step of an authorization that leads to this page. */
  readonly step?: PageStep;
}

/** A page for people. Its forms are protected against CSRF, and its errors are pages. */
export function Page(path: string, { step }: PageOptions = {}): ClassDecorator {
  return applyDecorators(endpoint(PAGE, path), STEPS.give(step));
}

/** A file that pages load. `cacheControl` says how long browsers may keep it. */
export function Asset(path: string, cacheControl: string): ClassDecorator {
  return endpoint({ ...PAGE, name: 'asset', body: 'none', headers: { 'cache-control': cacheControl }, answersFor: [] }, path);
}
