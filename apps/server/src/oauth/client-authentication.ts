import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AuthenticateClient, type Client } from '#client-registry/contracts.js';
import { CommandBus } from '#kernel/bus.js';
import type { Form } from '../http/form.js';
import { resultOf } from './protocol-form.js';

/** Finds out which client calls an OAuth endpoint (RFC 6749 §3.2.1): one line for each endpoint that needs it. */
@Injectable()
export class ClientAuthentication {
  constructor(private readonly commands: CommandBus) {}

  /** Throws `invalid_client`, or `invalid_request` for two methods in one request. */
  async authenticate(request: FastifyRequest, form: Form): Promise<Client> {
    const { authorization } = request.headers;
    return resultOf(await this.commands.execute(new AuthenticateClient({ authorization, parameters: form.values() })));
  }
}
