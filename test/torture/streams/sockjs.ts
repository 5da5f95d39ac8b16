import { Agent, request, type IncomingMessage } from 'node:http';
import { SockJsMessages, newSession } from '../../conformance/peers/sockjs-messages.js';
import { stompOver, type OpenPipe, type Pipe, type PipeListener } from './stomp.js';

/** A response is held open and filled; when it is full the client asks for the next. */
export const xhrStreamingPipe = overHttp('xhr_streaming');
export const xhrStreaming = stompOver(xhrStreamingPipe);

/** A response brings what there is, and the client asks again. */
export const xhrPollingPipe = overHttp('xhr');
export const xhrPolling = stompOver(xhrPollingPipe);

function overHttp(transport: string): OpenPipe {
  return (port, _, listener) =>
    new HttpPipe(`http://127.0.0.1:${port}/ws/000/${newSession()}`, transport, listener);
}

/** By hand: the stock client for Node doesn't notice a response that is cut. */
class HttpPipe implements Pipe {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #messages: SockJsMessages;
  /** Posts go one after the other: two that overtake each other would change the order of frames. */
  #posts: Promise<void> = Promise.resolve();
  #isOpen = false;
  #isOver = false;

  constructor(
    private readonly url: string,
    private readonly transport: string,
    private readonly listener: PipeListener,
  ) {
    this.#messages = new SockJsMessages({
      received: (bytes) => listener.received(Buffer.from(bytes)),
      closed: () => this.close(),
    });
    void this.#messages.opened.then(() => listener.opened());
    void this.#receive();
  }

  send(octets: Buffer): void {
    this.#posts = this.#posts
      .then(async () => {
        // After one that failed the next would come without it.
        if (!this.#isOver)
          expect(204, await this.#post('xhr_send', JSON.stringify([octets.toString()]))).resume();
      })
      // Whether it came or not is unknown: the session is of no more use.
      .then(
        () => undefined,
        () => this.close(),
      );
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#agent.destroy();
    this.listener.closed();
  }

  async #receive(): Promise<void> {
    try {
      while (!this.#messages.isClosed && !this.#isOver)
        await this.#read(expect(200, await this.#post(this.transport, '')));
    } catch {
      // Cut: what follows says so.
    }
    this.close();
  }

  async #read(response: IncomingMessage): Promise<void> {
    let line = '';
    for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (line + piece).split('\n');
      line = lines.pop() ?? '';
      for (const message of lines) if (!this.#isOver) this.#take(message);
    }
  }

  #take(message: string): void {
    // A server that was started anew doesn't know the session, and opens another under its name.
    if (message === 'o' && this.#isOpen) return this.close();
    if (message === 'o') this.#isOpen = true;
    this.#messages.take(message);
  }

  #post(path: string, body: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = { 'Content-Type': 'text/plain;charset=UTF-8' };
      request(`${this.url}/${path}`, { method: 'POST', agent: this.#agent, headers }, resolve)
        .on('error', reject)
        .end(body);
    });
  }
}

function expect(status: number, response: IncomingMessage): IncomingMessage {
  if (response.statusCode === status) return response;
  response.resume();
  throw new Error(`${response.statusCode}`);
}
