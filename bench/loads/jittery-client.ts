import { frame, StompSocket } from '../stomp-socket.js';
import type { Door } from '../target.js';

/** Somebody with a cursor, and what he got. */
export class JitteryClient {
  /** Different ones. */
  delivered = 0;
  duplicates = 0;
  #cursor = 'earliest';
  /** Numbers that were got: without holes, so that the highest says all. */
  #seq = 0;
  #socket: StompSocket | undefined;
  /** The head when he came: up to there it is a replay. */
  #target: number | undefined;
  #caughtUp: () => void = () => undefined;

  constructor(
    private readonly door: Door,
    private readonly i: number,
  ) {}

  /** Connects and resolves when all that was missed is there. */
  async arrive(): Promise<void> {
    const socket = await StompSocket.open(this.door, this.i);
    this.#socket = socket;
    this.#target = undefined;
    await new Promise<void>((caughtUp) => {
      this.#caughtUp = caughtUp;
      socket.onClose = (reason) => {
        throw new Error(`Not cut, and closed: ${reason}`);
      };
      socket.onMessage = (bytes, start, end) => this.#take(bytes.toString('utf8', start, end));
      const destination = '/user/queue/notifications';
      socket.send(frame('SUBSCRIBE', { id: '0', destination, since: this.#cursor, ack: 'auto' }));
    });
  }

  cut(): void {
    this.#socket?.cut();
  }

  /** @param message one frame or several */
  #take(message: string): void {
    for (const text of message.split('\0')) if (text.trim() !== '') this.#takeFrame(text);
    if (this.#target !== undefined && this.#seq >= this.#target) this.#caughtUp();
  }

  #takeFrame(text: string): void {
    const cursor = /^cursor:(.*)$/m.exec(text)?.[1];
    if (cursor === undefined) throw new Error(`A MESSAGE has no cursor: ${text}`);
    if (/^event-type:resume$/m.test(text)) {
      if (!text.includes('"verdict":"complete"')) throw new Error(`Not all could be had: ${text}`);
      this.#target = seqOf(/"to":"([^"]*)"/.exec(text)?.[1]);
    } else this.#count(seqOf(cursor));
    this.#cursor = cursor;
  }

  #count(seq: number): void {
    if (seq <= this.#seq) {
      this.duplicates += 1;
      return;
    }
    // A hole is never filled: what is in it counts as lost.
    this.delivered += 1;
    this.#seq = seq;
  }
}

/** `epoch:seq`, escaped in a header. */
function seqOf(cursor: string | undefined): number {
  return Number(/\d+$/.exec(cursor ?? '')?.[0]);
}
