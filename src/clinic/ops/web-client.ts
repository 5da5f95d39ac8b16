import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { compressedFiles } from './compressed-files.js';

/** Serves the built web client: its files, and index.html for each of its pages. Without a build, nothing. */
export function serveWebClient(application: NestExpressApplication, directory: string): void {
  const index = join(directory, 'index.html');
  if (!existsSync(index)) return;

  const assets = join(directory, 'assets') + sep;
  application.use(compressedFiles(directory));
  application.useStaticAssets(directory, {
    index: false,
    setHeaders(response: Response, path: string) {
      // The names below assets/ hold a hash of their content.
      const isHashed = path.startsWith(assets);
      response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  application.use(withoutFile);
  const pages = pagesAtDepths(readFileSync(index, 'utf8'));
  application.use((request: Request, response: Response, next: NextFunction) => {
    const page = isPage(request) ? pages[depthOf(request)] : undefined;
    if (!page) return next();
    response.set({ 'Cache-Control': 'no-cache', ETag: page.tag });
    response.type('html').send(page.html);
  });
}

/** A range beyond the end, a condition that doesn't hold: the answer has none of what was said about the file. */
function withoutFile(error: unknown, _: Request, response: Response, next: NextFunction): void {
  const { status } = Object(error) as { readonly status?: unknown };
  if (status !== 412 && status !== 416) return next(error);
  for (const name of ['Cache-Control', 'Content-Encoding', 'Content-Type', 'ETag', 'Last-Modified'])
    response.removeHeader(name);
  response.status(status).end();
}

interface Page {
  readonly html: string;
  readonly tag: string;
}

/** No page of the client lies deeper. */
const maxDepth = 8;

/**
 * index.html as it reads so many folders below its files, which it names as neighbours, `./assets/…`: below a prefix that
 * a proxy takes off, nobody here knows what the path from the root would be.
 */
function pagesAtDepths(index: string): readonly Page[] {
  return Array.from({ length: maxDepth + 1 }, (_, depth) => {
    const html = index.replaceAll('="./', `="${'../'.repeat(depth) || './'}`);
    return { html, tag: `"${createHash('sha256').update(html).digest('base64url')}"` };
  });
}

function depthOf({ path }: Request): number {
  return path.split('/').length - 2;
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
