import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express } from 'express';
import type { Limits } from '../limits.js';

type RequestLimits = Pick<Limits, 'requestHeadBytes' | 'requestHeadMs' | 'requestMs' | 'keepAliveMs'>;

/** How often Node looks for requests that take too long. */
const LOOK_MS = 1_000;

/**
 * Express on a server that makes its requests and responses with Express' prototypes. Express alone changes the
 * prototypes of each, and V8 then keeps hidden classes for each: a fifth of the memory of an open event stream. Where
 * Express should find others than its own, it changes them as ever.
 */
export class SharedShapeAdapter extends ExpressAdapter {
  readonly #open = new Set<Socket>();

  constructor(private readonly limits: RequestLimits) {
    super();
    // One path has one spelling: what the log, the headers and the pages look at is what the router does.
    // Nest has made the router already, which the setting `case sensitive routing` comes too late for.
    Object.assign(this.getInstance<Express>().router, { caseSensitive: true });
  }

  override initHttpServer(): void {
    class ExpressRequest extends IncomingMessage {}
    class ExpressResponse extends ServerResponse {}
    const express = this.getInstance<Express>();
    express.request = inherit(ExpressRequest.prototype, express.request);
    express.response = inherit(ExpressResponse.prototype, express.response);

    const { requestHeadBytes, requestHeadMs, requestMs, keepAliveMs } = this.limits;
    this.httpServer = createServer(
      {
        IncomingMessage: ExpressRequest,
        ServerResponse: ExpressResponse,
        maxHeaderSize: requestHeadBytes,
        headersTimeout: requestHeadMs,
        requestTimeout: requestMs,
        keepAliveTimeout: keepAliveMs,
        connectionsCheckingInterval: LOOK_MS,
      },
      express,
    );
    // Their bytes are bounded: one that Node drops in silence might be the one that a proxy goes by.
    this.httpServer.maxHeadersCount = 0;
    // As `forceCloseConnections` does: an open stream would keep close() waiting for ever.
    this.httpServer.on('connection', (socket: Socket) => {
      // One whose upgrade was ignored comes again.
      if (this.#open.has(socket)) return;
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  override close(): ReturnType<ExpressAdapter['close']> {
    for (const socket of this.#open) socket.destroy();
    return super.close();
  }
}

function inherit<Own extends object, Parent extends object>(prototype: Own, parent: Parent): Own & Parent {
  return Object.setPrototypeOf(prototype, parent) as Own & Parent;
}
