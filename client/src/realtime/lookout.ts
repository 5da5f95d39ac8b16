import { createStore, type Readable } from '../state/store.js';
import type { Clock, Timer } from './clock.js';
import type { Status } from './status.js';

/** A blip isn't worth a question. */
const patienceMs = 10_000;
/** How long to wait before the server is asked again, in ms. */
export const lookAgainMs = 20_000;

/** How news come where there is no connection: not at all, by questions, or by a stream besides. */
export type Outlook = 'none' | 'asking' | 'streaming';

/** How the lookout learns of the server. */
export interface LookoutMeans {
  /** Resolves with whether the server answered. */
  look(): Promise<boolean>;
  /** Resolves or rejects when the stream has ended. */
  listen(stream: StreamEvents): Promise<void>;
}

/** What an event stream tells the lookout. */
export interface StreamEvents {
  readonly signal: AbortSignal;
  /** Something has come through: nobody on the way collects it. */
  readonly onOpen: () => void;
}

/**
 * What to do where no connection can be had, because something on the way lets none through: look by REST every while,
 * and hear by a stream of events what comes between.
 */
export class Lookout {
  readonly #outlook = createStore<Outlook>('none');
  readonly #status: Readable<Status>;
  readonly #means: LookoutMeans;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #stream: AbortController | undefined;

  constructor(status: Readable<Status>, means: LookoutMeans, clock: Clock) {
    this.#status = status;
    this.#means = means;
    this.#clock = clock;
  }

  get outlook(): Readable<Outlook> {
    return this.#outlook;
  }

  /** @returns ends it */
  start(): () => void {
    const leave = this.#status.subscribe(() => this.#follow());
    this.#follow();
    return () => {
      leave();
      this.#rest();
    };
  }

  #follow(): void {
    const { state } = this.#status.get();
    const isMissing = state === 'connecting' || state === 'waiting' || state === 'offline';
    if (!isMissing) this.#rest();
    else this.#timer ??= this.#clock.after(patienceMs, () => void this.#lookOut());
  }

  async #lookOut(): Promise<void> {
    const timer = this.#timer;
    const isFound = await this.#means.look();
    // Live meanwhile, or gone.
    if (timer !== this.#timer) return;
    this.#timer = this.#clock.after(lookAgainMs, () => void this.#lookOut());
    if (isFound) void this.#listen();
    else this.#stream?.abort();
    this.#outlook.update((before) => (isFound ? (before === 'none' ? 'asking' : before) : 'none'));
  }

  async #listen(): Promise<void> {
    if (this.#stream) return;
    const stream = new AbortController();
    this.#stream = stream;
    try {
      await this.#means.listen({
        signal: stream.signal,
        onOpen: () => {
          if (this.#stream === stream) this.#outlook.set('streaming');
        },
      });
    } catch {
      // Blocked as well, or cut: the questions go on, and the next one tries it again.
    }
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    this.#outlook.update((before) => (before === 'streaming' ? 'asking' : before));
  }

  #rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#stream?.abort();
    this.#stream = undefined;
    this.#outlook.set('none');
  }
}
