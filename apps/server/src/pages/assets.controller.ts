import { Get, Header } from '@nestjs/common';
import { ICON, STYLESHEET } from './assets.js';
import { Asset } from './page.js';

/** The address changes with the content, so browsers may keep it for good. */
@Asset(STYLESHEET.path, 'public, max-age=31536000, immutable')
export class StylesheetController {
  @Get()
  @Header('content-type', 'text/css; charset=utf-8')
  read(): string {
    return STYLESHEET.text;
  }
}

@Asset(ICON.path, 'public, max-age=86400')
export class IconController {
  @Get()
  @Header('content-type', 'image/svg+xml')
  read(): string {
    return ICON.text;
  }
}
