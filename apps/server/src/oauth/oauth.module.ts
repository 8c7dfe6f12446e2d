import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AuthorizeController } from './authorize.controller.js';
import { ClientAuthentication } from './client-authentication.js';
import { DiscoveryController } from './discovery.controller.js';
import { JwksController } from './jwks.controller.js';
import { TokenController } from './token.controller.js';
import { UserinfoController } from './userinfo.controller.js';

/** The endpoints of the protocols, for clients. */
@Module({
  imports: [DiscoveryModule],
  providers: [ClientAuthentication],
  controllers: [AuthorizeController, TokenController, UserinfoController, JwksController, DiscoveryController],
})
export class OAuthModule {}
