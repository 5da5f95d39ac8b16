import { randomUUID } from 'node:crypto';
import { Agent, request, type IncomingMessage } from 'node:http';
import { HttpCaller } from '../loads/http-caller.js';
import { textIn } from './sockjs-text.js';
import type { OnMessage, Wire } from './wire.js';

/** One connection for each stream: who waits for a free one would miss what is sent meanwhile. */
const agent = new Agent({ keepAlive: true });

const OPEN = Buffer.from('o');

/** SockJS over xhr-streaming: frames go out in posts, and come in a response that is asked for again when it is full. */
export class XhrStream implements Wire {
  onMessage: OnMessage = () => undefined;
  onClose: (reason: string) => void = () => undefined;
  #opened: () => void = () => undefined;
  #sent: Promise<unknown> = Promise.resolve();
  #rest: Buffer | undefined;

  private constructor(
    private readonly session: URL,
    private readonly caller: HttpCaller,
  ) {}

  /** @param url of the SockJS endpoint */
  static async open(url: string): Promise<XhrStream> {
    const session = new URL(`${url}/000/${randomUUID()}`);
    const stream = new XhrStream(session, await HttpCaller.open(session.origin, ''));
    await new Promise<void>((opened) => {
      stream.#opened = opened;
      stream.#listen();
    });
    return stream;
  }

  send(text: Buffer): void {
    const body = JSON.stringify([text.toString()]);
    this.#sent = this.#sent.then(async () => {
      const status = await this.caller.post(`${this.session.pathname}/xhr_send`, body);
      if (status !== 204) throw new Error(`xhr_send was answered ${status}`);
    });
  }

  together(work: () => void): void {
    work();
  }

  cut(): void {
    throw new Error('Nobody cuts an xhr-stream yet');
  }

  #listen(): void {
    const call = request(`${this.session.href}/xhr_streaming`, { method: 'POST', agent }, (response) =>
      this.#read(response),
    );
    call.on('error', (error) => this.onClose(error.message));
    call.end();
  }

  #read(response: IncomingMessage): void {
    if (response.statusCode !== 200) this.onClose(`xhr_streaming was answered ${response.statusCode}`);
    response.on('data', (bytes: Buffer) => this.#take(bytes));
    response.on('end', () => this.#listen());
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let start = 0;
    for (let end = bytes.indexOf('\n'); end !== -1; end = bytes.indexOf('\n', start)) {
      this.#takeLine(bytes.subarray(start, end));
      start = end + 1;
    }
    this.#rest = start < bytes.length ? bytes.subarray(start) : undefined;
  }

  #takeLine(line: Buffer): void {
    const frames = textIn(line);
    if (frames) this.onMessage(frames, 0, frames.length);
    else if (line.equals(OPEN)) this.#opened();
    else if (line.indexOf('c') === 0) this.onClose(`The server closed the session with ${line.toString()}`);
  }
}
