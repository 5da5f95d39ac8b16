import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';

/**
 * What a browser may do with our answers. An event stream, which no browser shows, gets two of these headers only:
 * the head of an answer stays in memory as long as it lasts, and all of them take 4 KB of an idle stream's.
 */
export function securityHeaders(): RequestHandler {
  const forDocuments = documentHeaders();
  return (request: Request, response: Response, next: NextFunction) => {
    if (!asksForStream(request)) return forDocuments(request, response, next);
    response.set({ 'X-Content-Type-Options': 'nosniff', 'Cross-Origin-Resource-Policy': 'same-origin' });
    next();
  };
}

/** As EventSource does, and no address bar or frame. Pages lie elsewhere, and caches keep nothing of the API. */
function asksForStream({ path, headers }: Request): boolean {
  return path.startsWith('/api/') && headers.accept === 'text/event-stream';
}

/** Pages may run what we serve, and talk to us. */
function documentHeaders(): ReturnType<typeof helmet> {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        // 'self' covers ws: of the same host in today's browsers, not in those of some years ago.
        connectSrc: ["'self'", 'ws:', 'wss:'],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        // stompjs keeps its heart-beats in a worker that it makes from a blob.
        workerSrc: ["'self'", 'blob:'],
      },
    },
    // Browsers heed it over https only, and whether there is https is the proxy's to know.
    strictTransportSecurity: false,
  });
}
