import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Refusal } from '../errors.js';
import type { Subscriber } from '../broker/subscriber.js';
import type { Application, ApplicationReply, ApplicationRequest, Verb } from '../session/ports.js';
import type { MethodCall } from './arguments.js';
import { discoverClasses } from './bound-method.js';
import {
  exceptionHandlersOf,
  isAdvice,
  type ExceptionHandler,
  type ExceptionHandlers,
} from './exception-handlers.js';
import { handlersOf, type Handler } from './handlers.js';
import { MethodRunner } from './method-runner.js';
import { MESSAGING_OPTIONS, type MessagingOptions } from './options.js';
import { prefixesOf } from './prefixes.js';
import { refusalOf } from './refusal.js';
import { ReturnValues, type Returned } from './return-values.js';

/** Calls the application's method for a SEND or SUBSCRIBE to `/app`, and sends what it returns. */
@Injectable()
export class MessageRouter implements Application, OnModuleInit {
  readonly #logger = new Logger(MessageRouter.name);
  #handlers: readonly Handler[] = [];
  #advice: ExceptionHandlers = exceptionHandlersOf([]);

  readonly prefixes: readonly string[];

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly runner: MethodRunner,
    private readonly returnValues: ReturnValues,
    @Inject(MESSAGING_OPTIONS) options: MessagingOptions,
  ) {
    this.prefixes = prefixesOf(options);
  }

  onModuleInit(): void {
    const classes = discoverClasses(this.discovery, this.scanner);
    this.#handlers = handlersOf(classes);
    this.#advice = exceptionHandlersOf(classes.filter(isAdvice));
  }

  handles(verb: Verb, destination: string): boolean {
    return this.#find(verb, destination) !== undefined;
  }

  async send(request: ApplicationRequest): Promise<void> {
    const { handler, call } = this.#called('SEND', request);
    await this.#answering(handler, call, (returned) => this.#publish(handler, returned, call));
  }

  async subscribe(
    request: ApplicationRequest,
    subscription: Subscriber,
  ): Promise<ApplicationReply | undefined> {
    const { handler, call } = this.#called('SUBSCRIBE', request);
    return this.#answering(handler, call, async (returned) => {
      if (!handler.targets) return this.returnValues.reply(returned, call, subscription);
      await this.#publish(handler, returned, call);
      return undefined;
    });
  }

  async #publish({ targets }: Handler, returned: Returned, call: MethodCall): Promise<void> {
    if (targets) await this.returnValues.publish(returned, targets, call);
  }

  /** Runs the method, and gives its value away; what fails, or fails later, goes to the handler that takes it. */
  async #answering<T>(
    handler: Handler,
    call: MethodCall,
    give: (returned: Returned) => Promise<T>,
  ): Promise<T | undefined> {
    const except = (error: unknown): Promise<void> => this.#except(handler, call, error);
    try {
      return await give({ value: await this.runner.run(handler, call), name: handler.bound.name, except });
    } catch (error) {
      await except(error);
      return undefined;
    }
  }

  /** The handlers of the class, its filters, the advice, filters of the application; else the session, which says the code. */
  async #except(handler: Handler, call: MethodCall, error: unknown): Promise<void> {
    let left = error;
    try {
      const own = handler.exceptionHandlers.of(error);
      if (own) return await this.#handle(own, call, error);
      if (await this.runner.filter(handler, call, error)) return;
      const advice = this.#advice.of(error);
      if (advice) return await this.#handle(advice, call, error);
      if (await this.runner.filterGlobally(handler, call, error)) return;
    } catch (another) {
      left = another;
    }
    const refusal = refusalOf(left);
    if (refusal) this.#note(handler, call, refusal);
    throw refusal ?? left;
  }

  /** The client is told; the log says which method it was, for its author. No cause and no sentence: they may quote the body. */
  #note({ bound }: Handler, { request }: MethodCall, { code }: Refusal): void {
    const { id } = request.session;
    this.#logger.debug({ msg: 'refused', method: bound.name, session: id, code });
  }

  async #handle(exceptionHandler: ExceptionHandler, call: MethodCall, exception: unknown): Promise<void> {
    const { targets, bound } = exceptionHandler;
    const value = await this.runner.runBare(exceptionHandler, { ...call, exception });
    await this.returnValues.publish({ value, name: bound.name, except: passOn }, targets, call);
  }

  #called(verb: Verb, request: ApplicationRequest): { handler: Handler; call: MethodCall } {
    const found = this.#find(verb, request.destination);
    if (!found) throw new Refusal('unknown_destination', 'Nothing answers to that destination.');
    const { handler, variables } = found;
    return { handler, call: { request, variables, destination: this.#below(request.destination) } };
  }

  #find(verb: Verb, destination: string): Found | undefined {
    const below = this.#below(destination);
    for (const handler of this.#handlers) {
      const variables = handler.verb === verb ? handler.pattern.match(below) : undefined;
      if (variables) return { handler, variables };
    }
    return undefined;
  }

  #below(destination: string): string {
    const prefix = this.prefixes.find((known) => destination.startsWith(`${known}/`)) ?? '';
    return destination.slice(prefix.length);
  }
}

interface Found {
  readonly handler: Handler;
  readonly variables: ReadonlyMap<string, string>;
}

/** What answers an exception fails for good. */
async function passOn(error: unknown): Promise<never> {
  throw error;
}
