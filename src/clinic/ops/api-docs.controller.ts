import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Public } from '../auth/access.js';
import { Refusal } from '../errors.js';
import { docsFiles, docsPage } from './docs-page.js';

/** The contract, told by the product itself. The documents are made when somebody asks for the first time. */
@Public()
@Controller('api')
export class ApiDocsController {
  #openApi: Promise<string> | undefined;
  #asyncApi: Promise<string> | undefined;

  @Get('openapi.json')
  @Header('Cache-Control', 'no-cache')
  @Header('Content-Type', 'application/json; charset=utf-8')
  openApi(): Promise<string> {
    return (this.#openApi ??= import('../contract/openapi.js').then(({ openApi }) =>
      JSON.stringify(openApi()),
    ));
  }

  @Get('asyncapi.json')
  @Header('Cache-Control', 'no-cache')
  @Header('Content-Type', 'application/json; charset=utf-8')
  asyncApi(): Promise<string> {
    return (this.#asyncApi ??= import('../contract/asyncapi.js').then(({ asyncApi }) =>
      JSON.stringify(asyncApi()),
    ));
  }

  @Get('docs')
  @Header('Cache-Control', 'no-cache')
  page(@Req() { path }: Request, @Res() response: Response): void {
    // What the page names is relative to the path without a slash.
    if (path.endsWith('/')) response.redirect(308, '../docs');
    else response.type('html').send(docsPage);
  }

  @Get('docs/:file')
  file(@Param('file') name: string, @Res() response: Response): void {
    const file = docsFiles.get(name);
    if (!file) throw new Refusal('not_found', 'There is nothing at this path.');
    response.set('Cache-Control', 'no-cache');
    if ('text' in file) response.type(name).send(file.text);
    else response.sendFile(name, { root: file.directory() });
  }
}
