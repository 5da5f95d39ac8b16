import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { StompError } from '../errors.js';
import type { Application, ApplicationReply, ApplicationRequest, Verb } from '../session/ports.js';
import type { ParameterSource } from './decorators.js';
import { discoverHandlers, type Handler } from './handlers.js';
import { decodePayload, encodePayload } from './payload.js';

/** Calls the application's method for a SEND or SUBSCRIBE to `/app`. */
@Injectable()
export class MessageRouter implements Application, OnModuleInit {
  #handlers: readonly Handler[] = [];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    this.#handlers = discoverHandlers(this.discovery, this.scanner);
  }

  handles(verb: Verb, destination: string): boolean {
    return this.#find(verb, destination) !== undefined;
  }

  /** A `@MessageMapping` method's value goes nowhere; publish with the template. */
  async send(request: ApplicationRequest): Promise<void> {
    await this.#call('SEND', request);
  }

  async subscribe(request: ApplicationRequest): Promise<ApplicationReply | undefined> {
    const value = await this.#call('SUBSCRIBE', request);
    if (value === undefined) return undefined;
    const { contentType, body } = encodePayload(value);
    return { headers: new Map([['content-type', contentType]]), body };
  }

  async #call(verb: Verb, request: ApplicationRequest): Promise<unknown> {
    const found = this.#find(verb, request.destination);
    if (!found) throw new StompError('unknown_destination', 'Nothing answers to that destination.');
    const { handler, variables } = found;
    return handler.call(handler.parameters.map((source) => valueOf(source, request, variables)));
  }

  #find(verb: Verb, destination: string): Found | undefined {
    const below = destination.slice('/app'.length);
    for (const handler of this.#handlers) {
      const variables = handler.verb === verb ? handler.pattern.match(below) : undefined;
      if (variables) return { handler, variables };
    }
    return undefined;
  }
}

interface Found {
  readonly handler: Handler;
  readonly variables: ReadonlyMap<string, string>;
}

/** @throws {StompError} handler_failed: the payload doesn't fit */
function valueOf(
  source: ParameterSource,
  request: ApplicationRequest,
  variables: ReadonlyMap<string, string>,
): unknown {
  switch (source.kind) {
    case 'payload':
      return decodePayload(request.headers, request.body, source.schema);
    case 'variable':
      return variables.get(source.name);
    case 'principal':
      return request.session.user;
  }
}
