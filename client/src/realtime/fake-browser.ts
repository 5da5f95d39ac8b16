import type { Online, OnlineEvents } from './online.js';
import type { Channel, Locks } from './tabs.js';

/** The locks and channels that the tabs of one browser share. */
export class FakeBrowser {
  readonly windows = new Set<FakeWindow>();
  readonly locks = new Map<string, Held[]>();

  /** Nobody holds a lock, waits for one or listens. */
  get isQuiet(): boolean {
    return (
      [...this.locks.values()].every((line) => line.length === 0) &&
      [...this.windows].every(({ channels }) => channels.size === 0)
    );
  }

  /** The first in line has the lock, once it has been handed over. */
  grant(name: string): void {
    const [first] = this.locks.get(name) ?? [];
    if (!first || first.isGranted) return;
    first.isGranted = true;
    queueMicrotask(() => {
      if (!this.locks.get(name)?.includes(first)) return;
      void first.held().then(() => {
        this.drop(name, first);
        first.resolve();
      });
    });
  }

  drop(name: string, held: Held): void {
    this.locks.set(
      name,
      (this.locks.get(name) ?? []).filter((one) => one !== held),
    );
    this.grant(name);
  }
}

interface Held {
  readonly window: FakeWindow;
  readonly held: () => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  isGranted: boolean;
}

/** One tab of it. */
export class FakeWindow implements Online {
  readonly channels = new Set<FakeChannel>();
  readonly #browser: FakeBrowser;
  #events: OnlineEvents | undefined;
  #isVisible = true;
  #hangs: (() => void)[] | undefined;
  isGone = false;
  /** What its messages say that they are, in place of their own version. */
  foreignVersion: number | undefined;

  constructor(browser: FakeBrowser) {
    this.#browser = browser;
    browser.windows.add(this);
  }

  readonly locks: Locks = {
    request: (name, { signal, steal }, held) =>
      new Promise<void>((resolve, reject) => {
        const { locks } = this.#browser;
        const one: Held = {
          window: this,
          held,
          resolve,
          reject: (error) => this.do(() => reject(error)),
          isGranted: false,
        };
        const line = locks.get(name) ?? [];
        if (steal === true) {
          const [holder, ...others] = line;
          const stolen = holder?.isGranted === true ? holder : undefined;
          locks.set(name, [one, ...(stolen ? others : line)]);
          stolen?.reject(new DOMException('The lock was stolen.', 'AbortError'));
        } else locks.set(name, [...line, one]);
        signal?.addEventListener('abort', () => {
          if (one.isGranted) return;
          this.#browser.drop(name, one);
          reject(new DOMException('It was not wanted any more.', 'AbortError'));
        });
        this.#browser.grant(name);
      }),
  };

  readonly openChannel = (name: string): Channel => new FakeChannel(name, this, this.#browser);

  isOnline(): boolean {
    return true;
  }

  isVisible(): boolean {
    return this.#isVisible;
  }

  watch(events: OnlineEvents): () => void {
    this.#events = events;
    return () => {
      this.#events = undefined;
    };
  }

  look(isVisible: boolean): void {
    this.#isVisible = isVisible;
    this.#events?.onLook();
    if (isVisible) this.#events?.onWake();
  }

  hideAway(): void {
    this.#events?.onHide();
  }

  wake(): void {
    this.#events?.onWake();
  }

  /** It says and hears nothing more; the browser gives its locks on. */
  crash(): void {
    this.isGone = true;
    this.#hangs = [];
    this.channels.clear();
    for (const [name, line] of this.#browser.locks)
      for (const held of line) if (held.window === this) this.#browser.drop(name, held);
  }

  /** Nothing happens in it until it resumes. */
  hang(): void {
    this.#hangs = [];
  }

  resume(): void {
    const late = this.#hangs ?? [];
    this.#hangs = undefined;
    for (const one of late) one();
  }

  /** What happens in this window, or once it doesn't hang any more. */
  do(what: () => void): void {
    if (this.isGone) return;
    if (this.#hangs) this.#hangs.push(what);
    else what();
  }

  get isHung(): boolean {
    return this.#hangs !== undefined;
  }
}

class FakeChannel implements Channel {
  readonly #listeners = new Set<(event: { readonly data: unknown }) => void>();

  constructor(
    private readonly name: string,
    private readonly window: FakeWindow,
    private readonly browser: FakeBrowser,
  ) {
    window.channels.add(this);
  }

  postMessage(message: unknown): void {
    // A clone, as between real tabs: what can't be cloned throws here too.
    const data = structuredClone(message) as { v?: number };
    if (this.window.isHung || !this.window.channels.has(this)) return;
    if (this.window.foreignVersion !== undefined) data.v = this.window.foreignVersion;
    for (const window of this.browser.windows)
      for (const other of window.channels)
        if (other !== this && other.name === this.name)
          queueMicrotask(() => window.do(() => other.#hear(data, window)));
  }

  addEventListener(_: 'message', listener: (event: { readonly data: unknown }) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    this.window.channels.delete(this);
  }

  #hear(data: { readonly v?: number }, { channels, foreignVersion }: FakeWindow): void {
    if (!channels.has(this)) return;
    const heard = foreignVersion === undefined ? data : { ...data, v: -1 };
    for (const listener of this.#listeners) listener({ data: heard });
  }
}
