import { Module } from '@nestjs/common';
import { AuthorizeController } from './authorize.controller.js';
import { DiscoveryController } from './discovery.controller.js';
import { TokenController } from './token.controller.js';
import { UserinfoController } from './userinfo.controller.js';

/** The endpoints of the protocols, for client apps. */
@Module({ controllers: [AuthorizeController, TokenController, UserinfoController, DiscoveryController] })
export class OAuthModule {}
