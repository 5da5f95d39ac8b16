import { EventEmitter, once } from 'node:events';
import type { ClosingCode } from '../src/library/errors.js';
import type { Wire } from '../src/library/session/ports.js';
import type { TransportSession } from '../src/library/transport/services.js';

/** A conversation that says nothing by itself and writes down what its wire tells it. */
export class Recorder extends EventEmitter implements TransportSession {
  readonly isNew = false;
  readonly slices = {
    isOver: false,
    later: (callback: () => void): void => {
      this.waiting.push(callback);
      this.emit('event');
    },
  };
  /** Waits for a later turn, which the test gives it. */
  readonly waiting: (() => void)[] = [];
  received = '';
  beats = 0;
  losses: (ClosingCode | 'closed')[] = [];
  endings: ClosingCode[] = [];

  constructor(
    readonly wire: Wire,
    readonly remoteAddress: string,
  ) {
    super();
  }

  receive(bytes: Uint8Array): void {
    this.received += Buffer.from(bytes).toString('latin1');
    this.emit('event');
  }

  heard(): void {
    this.beats += 1;
    this.emit('event');
  }

  finish(): void {
    this.wire.close(1000, '');
  }

  disconnected(reason: ClosingCode | 'closed' = 'closed'): void {
    this.losses.push(reason);
    this.emit('event');
  }

  terminate(code: ClosingCode): void {
    this.endings.push(code);
    this.emit('event');
  }

  async until(isMet: (recorder: this) => boolean): Promise<void> {
    while (!isMet(this)) await once(this, 'event');
  }
}

/** Opens recorders, and hands them out in their order. */
export class Recorders {
  readonly #opened: Recorder[] = [];
  readonly #events = new EventEmitter();

  readonly open = (wire: Wire, remoteAddress: string): Recorder => {
    const recorder = new Recorder(wire, remoteAddress);
    this.#opened.push(recorder);
    this.#events.emit('open');
    return recorder;
  };

  async next(): Promise<Recorder> {
    for (;;) {
      const recorder = this.#opened.shift();
      if (recorder) return recorder;
      await once(this.#events, 'open');
    }
  }
}
