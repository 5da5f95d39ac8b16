import { readdirSync } from 'node:fs';
import { extname, sep } from 'node:path';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import Negotiator from 'negotiator';

/** The better ones first: it decides where a client likes both as much. */
const encodings = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const;

/**
 * Leads a request for a file to the compressed one beside it, for those who take it; whatever serves files next needs to
 * know nothing of it. What lies there is read once: a path of a stranger is looked up, not tried on the disk.
 * @see RFC 9110, 12.5.3 Accept-Encoding
 */
export function compressedFiles(directory: string): RequestHandler {
  const files = compressedIn(directory);
  return (request: Request, response: Response, next: NextFunction) => {
    const { path, method } = request;
    const there = method === 'GET' || method === 'HEAD' ? files.get(path) : undefined;
    if (!there) return next();
    response.vary('Accept-Encoding');
    const accepted = new Negotiator(request).encoding([...there, 'identity'], { preferred: there });
    const encoding = encodings.find(({ name }) => name === accepted);
    if (encoding) {
      response.set('Content-Encoding', encoding.name).type(extname(path));
      request.url = request.url.replace(path, path + encoding.ending);
    }
    next();
  };
}

/** By the path of a request, the names of the encodings that are there. */
function compressedIn(directory: string): ReadonlyMap<string, readonly string[]> {
  const names = new Set(readdirSync(directory, { recursive: true }) as string[]);
  const files = new Map<string, readonly string[]>();
  for (const name of names) {
    const there = encodings.filter(({ ending }) => names.has(name + ending));
    if (there.length > 0)
      files.set(
        `/${name.replaceAll(sep, '/')}`,
        there.map((encoding) => encoding.name),
      );
  }
  return files;
}
