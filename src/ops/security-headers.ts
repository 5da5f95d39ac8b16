import helmet from 'helmet';

/** What a browser may do with our pages: run what we serve, and talk to us. */
export function securityHeaders(): ReturnType<typeof helmet> {
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
