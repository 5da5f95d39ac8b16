import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import type { Settings } from './config.js';
import type { Clock } from './library/broker/clock.js';
import { systemClock } from './library/transport/system-clock.js';
import { HttpErrorFilter } from './clinic/http/http-error.filter.js';
import { boundedJson } from './clinic/http/bounded-json.js';
import { StompEndpoints } from './library/nest/stomp-endpoints.js';
import { nameClients } from './clinic/ops/client-address.js';
import { noStore } from './clinic/ops/no-store.js';
import { oneSpelling } from './clinic/ops/one-spelling.js';
import { ProcessLog } from './clinic/ops/process-log.js';
import { requestLog } from './clinic/ops/request-log.js';
import { securityHeaders } from './clinic/ops/security-headers.js';
import { SharedShapeAdapter } from './clinic/ops/shared-shape-adapter.js';
import { serveWebClient } from './clinic/ops/web-client.js';

/**
 * The whole server, ready to listen. What a request passes stands here in its order; the sockets come before it.
 * @param clock of the calendar; the rest of it goes by the machine's
 */
export async function createApplication(
  settings: Settings,
  {
    log = new ProcessLog(settings),
    clock = systemClock,
  }: { readonly log?: ProcessLog; readonly clock?: Clock } = {},
): Promise<NestExpressApplication> {
  const application = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot(settings, log, clock),
    new SharedShapeAdapter(settings.limits),
    { logger: log.logger, abortOnError: false, bodyParser: false },
  );
  const endpoints = application.get(StompEndpoints);
  nameClients(application, (request) => endpoints.addressOf(request));
  application.disable('x-powered-by');
  // What has versions says so itself: a hash of an answer is no version that an If-Match could name.
  application.disable('etag');
  application.use(requestLog(), securityHeaders(), oneSpelling);
  application.use(['/api', '/messages/conversations'], noStore);
  application.useBodyParser('json', { limit: settings.limits.requestBodyBytes });
  application.use(boundedJson(settings.limits));
  serveWebClient(application, webClient);
  application.useGlobalFilters(new HttpErrorFilter());
  return application;
}

/** `dist/src/application.js` → `dist-client/` */
const webClient = fileURLToPath(new URL('../../dist-client', import.meta.url));
