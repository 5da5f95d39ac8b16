import { once } from 'node:events';
import { connect } from 'node:net';
import type { Door } from '../target.js';

/** Server-Sent Events that nobody parses: whether they come, and that the connection stays. */
export class EventStream {
  /** Called for each piece that comes. */
  onText: (text: string) => void = () => undefined;

  private constructor() {}

  /** Resolves when the first event is there. @param i whose credentials */
  static async open({ url, credentials }: Door, i = 0): Promise<EventStream> {
    const { hostname, port, host, pathname } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    const headers = Object.entries(credentials[i % credentials.length] ?? {});
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n` +
        `${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    );
    const stream = new EventStream();
    socket.on('close', () => {
      throw new Error('The server closed an event stream');
    });
    return new Promise((resolve, reject) => {
      let received = '';
      stream.onText = (text) => {
        received += text;
        if (!received.startsWith('HTTP/1.1 200')) reject(new Error(`The stream was answered ${received}`));
        if (received.includes('event: connected')) resolve(stream);
      };
      socket.setEncoding('latin1').on('data', (text: string) => stream.onText(text));
    });
  }
}
