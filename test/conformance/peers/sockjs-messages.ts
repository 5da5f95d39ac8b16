import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Listener } from '../transport.js';

export const lacksOfSockJs = { octets: 'SockJS carries text only' };

/** A session segment that nobody else has; SockJS's are without dots. */
export function newSession(): string {
  return randomUUID().replaceAll('-', '');
}

/** What a SockJS server says, one message at a time: `o`, `h`, `a["…"]`, `c[code,"reason"]`. */
export class SockJsMessages {
  #open: () => void = () => {};
  readonly opened = new Promise<void>((resolve) => (this.#open = resolve));
  #closeCode: number | undefined;

  constructor(private readonly listener: Listener) {}

  /** The server has said that it closes: the client asks for nothing more. */
  get isClosed(): boolean {
    return this.#closeCode !== undefined;
  }

  take(message: string): void {
    const content = message.slice(1);
    switch (message[0]) {
      case 'o':
        return this.#open();
      case 'h':
        return;
      case 'a':
        for (const text of JSON.parse(content) as string[]) this.listener.received(Buffer.from(text));
        return;
      case 'c':
        [this.#closeCode] = JSON.parse(content) as [number, string];
        return;
      default:
        assert.fail(`a message of SockJS: ${message}`);
    }
  }

  /** The last bytes were read. */
  ended(): void {
    this.listener.closed(this.#closeCode);
  }
}
