import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';

/** Serves the built web client: its files, and index.html for each of its pages. Without a build, nothing. */
export function serveWebClient(application: NestExpressApplication, directory: string): void {
  const index = join(directory, 'index.html');
  if (!existsSync(index)) return;

  const assets = join(directory, 'assets') + sep;
  application.useStaticAssets(directory, {
    index: false,
    setHeaders(response: Response, path: string) {
      // The names below assets/ hold a hash of their content.
      const isHashed = path.startsWith(assets);
      response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  application.use((request: Request, response: Response, next: NextFunction) => {
    if (!isPage(request)) return next();
    response.setHeader('Cache-Control', 'no-cache');
    // Its callback hears of the end too, and whatever came next would find its answer given.
    response.sendFile(index, (error?: Error) => {
      if (error) next(error);
    });
  });
}

/** Whatever a person may have in the address bar; the other paths keep their own answers. */
function isPage(request: Request): boolean {
  const { method, path, headers } = request;
  return (
    (method === 'GET' || method === 'HEAD') &&
    // A program that takes anything (`*/*`) gets the front page, and elsewhere hears that there is nothing.
    (path === '/' ? request.accepts('html') !== false : (headers.accept?.includes('text/html') ?? false)) &&
    !path.includes('.') &&
    !/^\/(api|ws|stomp|livez|readyz|metrics)(\/|$)/.test(path)
  );
}
