import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ClientSecretsController } from './client-secrets.controller.js';
import { ClientsController } from './clients.controller.js';
import { EventsController } from './events.controller.js';
import { OpenApiController } from './openapi.controller.js';
import { UsersController } from './users.controller.js';

/** The administration API: its resources, and the document that describes them. */
@Module({
  imports: [DiscoveryModule],
  controllers: [ClientsController, ClientSecretsController, EventsController, OpenApiController, UsersController],
})
export class AdminModule {}
