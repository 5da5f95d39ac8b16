import type { Wire } from '../../../src/library/session/ports.js';
import type { Session } from '../../../src/library/session/session.js';
import { FakeClock } from '../../../src/library/testing/fake-clock.js';
import { Server } from '../server.js';
import type { Listener, Transport } from '../transport.js';

/** No sockets: bytes go from hand to hand within the process, and time passes when it is told to. */
export const memory: Transport = memoryTransport('in process', (bytes) => [bytes]);

/** The same, with each octet on its own: the worst that a network may do to a frame. */
export const memoryByOctets: Transport = memoryTransport('in process, octet by octet', (bytes) =>
  Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1)),
);

type Cut = (bytes: Uint8Array) => readonly Uint8Array[];

function memoryTransport(name: string, cut: Cut): Transport {
  return {
    name,
    lacks: { 'text-only': 'this wire carries any octets' },
    start: async (limits) => {
      const clock = new FakeClock();
      const server = new Server(limits, clock);
      return {
        server,
        clock,
        faults: () => server.faults,
        open: async (listener) => {
          const wire = new MemoryWire(listener);
          const session = server.openSession(wire, '127.0.0.1');
          wire.session = session;
          return {
            send: (bytes) => cut(bytes).forEach((piece) => wire.arrive(piece)),
            cut: () => wire.vanish(),
          };
        },
        stop: async () => {},
      };
    },
  };
}

class MemoryWire implements Wire {
  readonly transport = 'memory';
  readonly isTextOnly = false;
  readonly silenceMarginMs = 0;
  session: Session | undefined;
  readonly #unread: Uint8Array[] = [];
  #isPaused = false;
  #isOver = false;

  constructor(private readonly listener: Listener) {}

  /** Bytes reach the server; they wait while it doesn't read. */
  arrive(bytes: Uint8Array): void {
    this.#unread.push(bytes);
    this.#read();
  }

  vanish(): void {
    this.#isOver = true;
    this.session?.disconnected();
  }

  send(frame: Uint8Array): void {
    if (!this.#isOver) this.listener.received(frame);
  }

  close(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.listener.closed(code);
  }

  hasCapacity(): boolean {
    return true;
  }

  onCapacity(): void {}

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#read();
  }

  probe(): boolean {
    return false;
  }

  #read(): void {
    for (let next = this.#unread.shift(); next; next = this.#unread.shift()) {
      this.session?.receive(next);
      if (this.#isPaused) return;
    }
  }
}
