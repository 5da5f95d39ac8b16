import type { Door, Headers } from './target.js';
import { openWire } from './wires/open-wire.js';
import type { OnMessage, Wire } from './wires/wire.js';

const OPENING_MS = 15_000;

const noBeats = '0,0';

/**
 * A STOMP client that does no more than a load needs, since it shares the machine with what it measures: it hands
 * messages on as they come.
 */
export class StompSocket {
  private constructor(private readonly wire: Wire) {}

  /**
   * Resolves when CONNECTED is there.
   * @param i whose credentials
   * @param heartBeat the header of CONNECT; who promises beats sends them
   */
  static async open(door: Door, i = 0, heartBeat = noBeats): Promise<StompSocket> {
    // Silence is how a server says that it has no descriptors left.
    const patience = setTimeout(() => {
      throw new Error('No answer to the handshake');
    }, OPENING_MS);
    const client = new StompSocket(await openWire(door));
    const connected = client.#firstMessage();
    client.send(
      frame('CONNECT', {
        'accept-version': '1.2,1.1',
        host: '/',
        'heart-beat': heartBeat,
        ...door.credentials[i % door.credentials.length],
      }),
    );
    const answer = await connected;
    clearTimeout(patience);
    if (!answer.startsWith('CONNECTED')) throw new Error(`CONNECT was answered ${answer}`);
    return client;
  }

  set onMessage(callback: OnMessage) {
    this.wire.onMessage = callback;
  }

  set onClose(callback: (reason: string) => void) {
    this.wire.onClose = callback;
  }

  send(stompFrame: Buffer): void {
    this.wire.send(stompFrame);
  }

  /** What is sent in `work` leaves in one write. */
  together(work: () => void): void {
    this.wire.together(work);
  }

  #firstMessage(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.onClose = (reason) => reject(new Error(`${reason}, before CONNECTED`));
      this.onMessage = (bytes, start, end) => {
        this.onClose = () => undefined;
        resolve(bytes.toString('utf8', start, end));
      };
    });
  }
}

/** A client's frame. Values go as they are: the load sends none that has to be escaped. */
export function frame(command: string, headers: Headers, body = ''): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  return Buffer.from(`${command}\n${lines.join('')}\n${body}\0`);
}

/** STOMP frames in a message; each ends with its only NUL, as long as no body holds one. */
export function framesIn(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    at = bytes.indexOf(0, at);
    if (at === -1 || at >= end) break;
    count += 1;
  }
  return count;
}
