import { Inject, Injectable } from '@nestjs/common';
import { Broker } from '../broker/broker.js';
import type { Subscriber } from '../broker/subscriber.js';
import type { ApplicationReply } from '../session/ports.js';
import type { MethodCall } from './arguments.js';
import { MESSAGING_OPTIONS, limitsOf, type MessagingOptions } from './options.js';
import { Converters } from './payload.js';
import { refusalOf } from './refusal.js';
import type { Targets } from './send-to.js';
import { isAsyncIterable, isStream, Streams } from './streams.js';
import { MessagingTemplate } from './template.js';

/** What a method has returned, and who it was. */
export interface Returned {
  readonly value: unknown;
  /** `Class#method`, for the log. */
  readonly name: string;
  /** Answers what a stream fails with half way, as a throw of the method; rejects with what nobody answered. */
  readonly except: (error: unknown) => Promise<void>;
}

/** Sends what methods return: a value once, a stream item by item. Nothing (null, undefined) is sent nowhere. */
@Injectable()
export class ReturnValues {
  readonly #streams: Streams;

  constructor(
    private readonly broker: Broker,
    private readonly template: MessagingTemplate,
    private readonly converters: Converters,
    @Inject(MESSAGING_OPTIONS) options: MessagingOptions,
  ) {
    this.#streams = new Streams(limitsOf(options).streams);
  }

  /** Resolves when a value is published (in a queue: stored), or a stream subscribed to. */
  async publish(returned: Returned, targets: Targets, call: MethodCall): Promise<void> {
    const emit = (value: unknown): Promise<void> => this.#publish({ ...returned, value }, targets, call);
    if (isStream(returned.value)) this.#run(returned, call, emit);
    else await emit(returned.value);
  }

  /** @returns the reply to a subscription; undefined where there is none, or where a stream replies from now on */
  reply(returned: Returned, call: MethodCall, subscription: Subscriber): ApplicationReply | undefined {
    if (!isStream(returned.value)) return this.#replyOf(returned);
    // An Observable can't be told to wait: what it gives would pile up here, where nobody counts it.
    const waits = isAsyncIterable(returned.value);
    this.#run(returned, call, async (value) => {
      const reply = this.#replyOf({ ...returned, value });
      if (!reply) return;
      if (waits) await room(subscription, call.request.left);
      subscription.deliver({ id: this.broker.nextId(), address: call.request.destination, ...reply });
    });
    return undefined;
  }

  #run(
    { value, name, except }: Returned,
    { request }: MethodCall,
    emit: (item: unknown) => Promise<void>,
  ): void {
    if (!isStream(value)) return;
    this.#streams.run(value, request.session, {
      left: request.left,
      emit,
      fail: (thrown) => {
        void except(thrown).catch((left) => request.fail(named(name, 'its stream failed', left)));
      },
    });
  }

  async #publish(returned: Returned, targets: Targets, call: MethodCall): Promise<void> {
    if (isNothing(returned.value)) return;
    const { user, id } = call.request.session;
    const toUser = targets.isBroadcast ? this.template : this.template.toSession(id);
    const { contentType, body } = this.#encode(returned);
    const headers = { 'content-type': contentType };
    for (const target of targets.toUser) toUser.convertAndSendToUser(user.name, target(call), body, headers);
    for (const target of targets.to) {
      const address = target(call);
      if (address.startsWith('/queue/')) await this.template.enqueue(address, body, headers);
      else if (this.broker.keeps(address)) await this.template.keep(address, body, headers);
      else this.template.convertAndSend(address, body, headers);
    }
  }

  #replyOf(returned: Returned): ApplicationReply | undefined {
    if (isNothing(returned.value)) return undefined;
    const { contentType, body } = this.#encode(returned);
    return { headers: new Map([['content-type', contentType]]), body };
  }

  #encode({ value, name }: Returned): { readonly contentType: string; readonly body: Uint8Array } {
    try {
      return this.converters.encode(value);
    } catch (error) {
      throw named(name, 'its value can’t be sent', error);
    }
  }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Waits until a subscription can take more, or is over. */
function room(subscription: Subscriber, left: AbortSignal): Promise<void> | void {
  if (subscription.hasCapacity() || left.aborted) return;
  return new Promise((resolve) => {
    subscription.onCapacity(resolve);
    left.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Refusals have words for the client and pass as they are; what is ours says whose fault it is. */
function named(name: string, what: string, error: unknown): unknown {
  const refusal = refusalOf(error);
  if (refusal) return refusal;
  const why = error instanceof Error ? error.message : String(error);
  return new Error(`${name}: ${what}: ${why}`, { cause: error });
}
