import { backoffMs } from './backoff.js';
import { browserClock, type Clock, type Timer } from './clock.js';
import { browserOnline, type Online } from './online.js';

/** What is said in a channel. */
export interface ChannelMessage {
  readonly channel: string;
  readonly cmd: string;
  readonly param: Record<string, unknown>;
}

/** `waiting`: it will connect again by itself. `closed`: it won't, by `disconnect` or because the server refused for good. */
export type SocketState = 'connecting' | 'open' | 'waiting' | 'closed';

/** What a `Socket` works with; by default the browser's. */
export interface SocketParts {
  readonly clock?: Clock;
  readonly online?: Online;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly connect?: (url: string) => WebSocket;
}

/** Messages that wait while there is no connection, and the characters of their JSON, at most. */
const QUEUE_MESSAGES = 1_000;
const QUEUE_CHARACTERS = 1024 * 1024;

/** Close codes after which trying again won't help: not allowed, no such channel. */
const FINAL: ReadonlySet<number> = new Set([4403, 4404]);
const NO_LOGIN = 4401;

/**
 * One channel of a Carillon, kept connected: it comes back by itself, each time after a longer random while, 30 s at most,
 * and at once when the network or the page is back. What is sent meanwhile waits and is sent once, in order; what was
 * written to a connection that broke is not sent again, since it may have arrived.
 */
export class Socket {
  readonly #debug: boolean;
  readonly #open: () => void;
  readonly #recv: (message: ChannelMessage) => void;
  readonly #err: (service: string, error: string) => void;
  readonly #url: string | (() => Promise<string>);
  readonly #parts: Required<SocketParts>;
  readonly #queue: string[] = [];
  #queued = 0;
  #state: SocketState = 'waiting';
  #socket: WebSocket | undefined;
  /** Numbers the attempts: what happens to an older one is nobody's business. */
  #round = 0;
  #failures = 0;
  /** Whether the last attempt had no login that counts: one more is made with a new URL. */
  #wasRejected = false;
  #timer: Timer | undefined;
  readonly #unwatch: () => void;

  /**
   * Connects at once.
   * @param debug logs what comes and goes to the console
   * @param open called at each connection
   * @param recv called with each message but errors
   * @param err called with what failed (`socket`, `server`, `queue`, `url`) and why
   * @param url a path is of the page's own server; a function is asked at each attempt, such as for a new `?ticket=`
   */
  constructor(
    debug: boolean,
    open: () => void,
    recv: (message: ChannelMessage) => void,
    err: (service: string, error: string) => void,
    url: string | (() => Promise<string>) = '/ws/notifications',
    parts: SocketParts = {},
  ) {
    this.#debug = debug;
    this.#open = open;
    this.#recv = recv;
    this.#err = err;
    this.#url = url;
    this.#parts = {
      clock: browserClock,
      online: browserOnline,
      random: Math.random,
      connect: (address) => new WebSocket(address),
      ...parts,
    };
    this.#unwatch = this.#parts.online.watch({
      onWake: () => {
        if (this.#state === 'waiting') void this.#connect();
      },
      onLook: () => {},
      onOffline: () => {},
      // A page with an open WebSocket can't be kept for the way back.
      onHide: () => this.#pause(),
    });
    void this.#connect();
  }

  get state(): SocketState {
    return this.#state;
  }

  /** At once, or when there is a connection again; over 1,000 messages or 1 MiB that wait it is refused (`err('queue', …)`). */
  send(message: ChannelMessage): void {
    if (this.#state === 'closed')
      return this.#err('queue', 'The socket is closed: the message was not sent.');
    const json = JSON.stringify(message);
    if (this.#state === 'open') return this.#write(json);
    if (this.#queue.length >= QUEUE_MESSAGES || this.#queued + json.length > QUEUE_CHARACTERS)
      return this.#err('queue', 'Too much waits for a connection: the message was not sent.');
    this.#queue.push(json);
    this.#queued += json.length;
  }

  /** For good. What waits is dropped. */
  disconnect(): void {
    this.#stop();
    this.#close();
  }

  async #connect(): Promise<void> {
    this.#timer?.cancel();
    this.#state = 'connecting';
    const round = ++this.#round;
    try {
      const url = typeof this.#url === 'string' ? this.#url : await this.#url();
      if (round !== this.#round) return;
      this.#listen(this.#parts.connect(absolute(url)), round);
    } catch (error) {
      if (round !== this.#round) return;
      this.#err('url', String(error));
      this.#comeBack();
    }
  }

  #listen(socket: WebSocket, round: number): void {
    this.#socket = socket;
    const isPresent = (): boolean => round === this.#round;
    socket.addEventListener('open', () => {
      if (isPresent()) this.#opened();
    });
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (isPresent()) this.#heard(String(data));
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (isPresent()) this.#lost(code, reason);
    });
  }

  #opened(): void {
    this.#state = 'open';
    this.#log('open');
    this.#open();
    // What `open` itself says, such as who is here, comes first; it may have closed, too.
    while (this.#socket?.readyState === OPEN) {
      const json = this.#queue.shift();
      if (json === undefined) return;
      this.#queued -= json.length;
      this.#write(json);
    }
  }

  #write(json: string): void {
    this.#log('send', json);
    this.#socket?.send(json);
  }

  #heard(json: string): void {
    this.#log('recv', json);
    const message = JSON.parse(json) as ChannelMessage;
    if (message.cmd === 'error') {
      const { code, message: text } = message.param;
      return this.#err('server', `${String(code)}: ${String(text)}`);
    }
    this.#failures = 0;
    this.#wasRejected = false;
    this.#recv(message);
  }

  #lost(code: number, reason: string): void {
    const why = `The connection was closed (${code}${reason && `, ${reason}`}).`;
    const isRefused = code === NO_LOGIN && (typeof this.#url === 'string' || this.#wasRejected);
    this.#wasRejected = code === NO_LOGIN;
    if (isRefused || FINAL.has(code)) this.#stop();
    else this.#comeBack();
    this.#err('socket', why);
  }

  #comeBack(): void {
    this.#state = 'waiting';
    this.#round++;
    this.#socket = undefined;
    const ms = backoffMs(++this.#failures, this.#parts.random());
    this.#timer = this.#parts.clock.after(ms, () => void this.#connect());
  }

  #pause(): void {
    if (this.#state === 'closed') return;
    this.#state = 'waiting';
    this.#close();
  }

  #stop(): void {
    this.#state = 'closed';
    this.#unwatch();
    this.#queue.length = 0;
    this.#queued = 0;
    this.#timer?.cancel();
  }

  #close(): void {
    this.#timer?.cancel();
    this.#round++;
    this.#socket?.close(1000);
    this.#socket = undefined;
  }

  #log(what: string, json = ''): void {
    if (this.#debug) console.debug(`socket ${what}`, json);
  }
}

/** `WebSocket.OPEN`. */
const OPEN = 1;

/** Not every browser takes a path. */
function absolute(url: string): string {
  const whole = new URL(url, globalThis.location?.href);
  whole.protocol = whole.protocol.replace('http', 'ws');
  return whole.href;
}
