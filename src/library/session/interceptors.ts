import type { Clock } from '../broker/clock.js';
import type { Message } from '../broker/message.js';
import type { Frame } from '../stomp/frame.js';
import { inTime } from './in-time.js';
import type { ClientSession, StompInterceptor } from './ports.js';

/**
 * What stands between a client and its session, in the order of the list. Each returns what goes on, or throws: nothing
 * is dropped without a word.
 */
export class Interceptors {
  readonly #inbound: readonly StompInterceptor[];
  readonly #outbound: readonly StompInterceptor[];

  /** @param ms that an inbound one may take, since it holds the frames behind */
  constructor(
    all: readonly StompInterceptor[],
    private readonly clock: Clock,
    private readonly ms: number,
  ) {
    this.#inbound = all.filter((one) => 'inbound' in one);
    this.#outbound = all.filter((one) => 'outbound' in one);
  }

  /** The frame that is to be taken instead; at once, unless one has to wait. */
  inbound(frame: Frame, client: ClientSession | undefined): Frame | Promise<Frame> {
    let passed: Frame | Promise<Frame> = frame;
    for (const interceptor of this.#inbound) {
      passed =
        passed instanceof Promise
          ? passed.then((earlier) => this.#pass(interceptor, earlier, client))
          : this.#pass(interceptor, passed, client);
    }
    return passed;
  }

  outbound(message: Message, client: ClientSession): Message {
    let passed = message;
    for (const interceptor of this.#outbound) {
      passed = kept(interceptor, interceptor.outbound?.(passed, client));
    }
    // A client settles it by its id, also where another is shown in its place.
    return passed.id === message.id ? passed : { ...passed, id: message.id };
  }

  #pass(
    interceptor: StompInterceptor,
    frame: Frame,
    client: ClientSession | undefined,
  ): Frame | Promise<Frame> {
    const passed = interceptor.inbound?.(frame, client);
    if (!(passed instanceof Promise)) return kept(interceptor, passed);
    const late = (): Error => new Error(`${nameOf(interceptor)} took longer than ${this.ms} ms`);
    return inTime(passed, this.clock, this.ms, late).then((frame) => kept(interceptor, frame));
  }
}

/** In Spring, null makes a frame vanish; here an interceptor that doesn't want one refuses it. */
function kept<T>(interceptor: StompInterceptor, passed: T | undefined): T {
  if (passed !== undefined && passed !== null) return passed;
  throw new TypeError(`${nameOf(interceptor)} returned nothing; throw a Refusal to refuse`);
}

function nameOf(interceptor: StompInterceptor): string {
  return `The interceptor ${interceptor.constructor.name}`;
}
