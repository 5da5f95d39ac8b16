import type { IncomingMessage } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';

/** Express' `request.ip` says who the client is by the same rule as the sockets: one client, one address. */
export function nameClients(
  application: NestExpressApplication,
  addressOf: (request: IncomingMessage) => string,
): void {
  Object.defineProperty(application.getHttpAdapter().getInstance().request, 'ip', {
    get(this: IncomingMessage) {
      return addressOf(this);
    },
  });
}
