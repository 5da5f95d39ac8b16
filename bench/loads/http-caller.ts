import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * One connection for requests one after the other. Node's own client costs more than the server's side of such a
 * request, and shares the machine with it.
 */
export class HttpCaller {
  #received = '';
  #answered: ((status: number) => void) | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly host: string,
    private readonly token: string,
  ) {
    socket.setEncoding('latin1').on('data', (text: string) => this.#read(text));
    socket.on('close', () => {
      if (this.#answered) throw new Error('The server has closed a connection in the middle of a request');
    });
  }

  static async open(url: string, token: string): Promise<HttpCaller> {
    const { hostname, port, host } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new HttpCaller(socket, host, token);
  }

  /** @param body of one-byte characters @returns the status, when the whole answer is there */
  post(path: string, body: string): Promise<number> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.socket.write(
        `POST ${path} HTTP/1.1\r\nHost: ${this.host}\r\nAuthorization: Bearer ${this.token}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    });
  }

  #read(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    if (this.#received.length < headEnd + 4 + length) return;
    const answered = this.#answered;
    this.#received = '';
    this.#answered = undefined;
    answered?.(Number(head.slice(9, 12)));
  }
}
