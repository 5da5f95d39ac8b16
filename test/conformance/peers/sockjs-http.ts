import { Agent, request, type IncomingMessage } from 'node:http';
import type { Listener, Peer } from '../transport.js';
import { socketTransport } from './sockets.js';
import { SockJsMessages, lacksOfSockJs, newSession } from './sockjs-messages.js';

/** A response is held open and filled; when it is full the client asks for the next. */
export const xhrStreaming = socketTransport('SockJS xhr-streaming', lacksOfSockJs, (node, listener) =>
  HttpPeer.open(node.url('/ws/000'), 'xhr_streaming', listener),
);

/** A response brings what there is, and the client asks again. */
export const xhrPolling = socketTransport('SockJS xhr-polling', lacksOfSockJs, (node, listener) =>
  HttpPeer.open(node.url('/ws/000'), 'xhr', listener),
);

class HttpPeer implements Peer {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #messages: SockJsMessages;
  readonly #session: string;
  /** Posts go one after the other: two that overtake each other would change the order of frames. */
  #posts: Promise<unknown> = Promise.resolve();
  #isCut = false;

  static async open(url: string, transport: string, listener: Listener): Promise<HttpPeer> {
    const peer = new HttpPeer(url, transport, listener);
    await peer.#messages.opened;
    return peer;
  }

  private constructor(
    url: string,
    private readonly transport: string,
    listener: Listener,
  ) {
    this.#session = `${url}/${newSession()}`;
    this.#messages = new SockJsMessages(listener);
    void this.#receive();
  }

  send(octets: Uint8Array): void {
    const body = JSON.stringify([Buffer.from(octets).toString()]);
    this.#posts = this.#posts.then(async () => (await this.#post('xhr_send', body)).resume());
    // A post to a session that has ended fails; the close says why.
    this.#posts = this.#posts.catch(() => undefined);
  }

  cut(): void {
    this.#isCut = true;
    this.#agent.destroy();
  }

  async #receive(): Promise<void> {
    try {
      while (!this.#messages.isClosed && !this.#isCut) await this.#read(await this.#post(this.transport, ''));
    } catch (error) {
      if (!this.#isCut) throw error;
    }
    this.#messages.ended();
    this.#agent.destroy();
  }

  /** Messages are lines. A first one of many `h` makes browsers show what comes after it. */
  async #read(response: IncomingMessage): Promise<void> {
    let line = '';
    for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (line + piece).split('\n');
      line = lines.pop() ?? '';
      lines.forEach((message) => this.#messages.take(message));
    }
  }

  #post(path: string, body: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers = { 'Content-Type': 'text/plain;charset=UTF-8' };
      request(`${this.#session}/${path}`, { method: 'POST', agent: this.#agent, headers }, resolve)
        .on('error', reject)
        .end(body);
    });
  }
}
