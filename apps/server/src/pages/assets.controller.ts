import { Controller, Get, Header } from '@nestjs/common';
import { ICON, STYLESHEET } from './assets.js';

@Controller()
export class AssetsController {
  @Get(STYLESHEET.path)
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', 'public, max-age=31536000, immutable')
  styles(): string {
    return STYLESHEET.text;
  }

  @Get(ICON.path)
  @Header('content-type', 'image/svg+xml')
  @Header('cache-control', 'public, max-age=86400')
  icon(): string {
    return ICON.text;
  }
}
