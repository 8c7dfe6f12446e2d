import { Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HttpError } from '../http/http-error.js';
import { ERROR_REFERENCE, isErrorCode } from './error-reference.js';
import { Page } from './page.js';
import { render } from './views.js';

/** Documents an error for developers. `error_uri` (RFC 6749 §5.2) and the `type` of a problem (RFC 9457 §3.1.1) lead here. */
@Page('errors')
export class ErrorReferenceController {
  @Get(':name')
  async show(@Param('name') name: string, @Res() reply: FastifyReply): Promise<void> {
    if (!isErrorCode(name)) throw new HttpError(404, 'there is no error of this name');
    await render(reply, { view: 'error-reference', data: { text: name, ...ERROR_REFERENCE[name] } });
  }
}
