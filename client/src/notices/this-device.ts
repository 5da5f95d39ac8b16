import type { Http } from '../api/http.js';
import { addDevice, removeDevice } from '../api/preferences.js';
import { keyOf, root } from '../app/root.js';
import { createStore, type Readable } from '../state/store.js';
import { browserName } from './browser-name.js';

/**
 * What this browser does for a user: nothing yet (`off`), notices while a page is open (`page`), or pushes too (`push`).
 * `blocked`: its user has forbidden it, and only they can allow it again. `unable`: it has no notices at all.
 */
export type DeviceState = 'unable' | 'blocked' | 'off' | 'page' | 'push';

/** This browser, as far as it shows notices outside of the page. */
export class ThisDevice {
  readonly #state = createStore<DeviceState>(stateByPermission());
  readonly #id = createStore<number | null>(null);
  readonly #key: string;

  constructor(
    private readonly http: Http,
    userId: number,
    private readonly pushKey: () => Promise<string>,
  ) {
    this.#key = keyOf(`carillon.notices.${userId}`);
  }

  get state(): Readable<DeviceState> {
    return this.#state;
  }

  /** The server's id of this device; null unless it takes pushes. */
  get id(): Readable<number | null> {
    return this.#id;
  }

  /** Goes on with what was switched on here before. Asks nobody for anything. */
  async resume(): Promise<void> {
    if (stateByPermission() === 'off' && Notification.permission === 'granted' && wasOn(this.#key))
      await this.#begin();
  }

  /** Only from a click: the browser asks its user. */
  async turnOn(): Promise<void> {
    const permission = await Notification.requestPermission();
    if (permission !== 'granted') {
      this.#state.set(stateByPermission());
      return;
    }
    remember(this.#key, true);
    await this.#begin();
  }

  async turnOff(): Promise<void> {
    remember(this.#key, false);
    const id = this.#id.get();
    this.#id.set(null);
    this.#state.set(stateByPermission());
    const registration = await navigator.serviceWorker?.getRegistration(root.href);
    const subscription = await registration?.pushManager?.getSubscription();
    await subscription?.unsubscribe();
    if (id !== null) await removeDevice(this.http, id);
  }

  /** For an alert while no page is in view. Where pushes come, they bring it. */
  async show(id: number, title: string, text: string): Promise<void> {
    if (this.#state.get() !== 'page') return;
    const options = { body: text, tag: `carillon-${id}`, icon: new URL('mark.svg', root).href };
    const registration = await navigator.serviceWorker?.getRegistration(root.href);
    if (registration) await registration.showNotification(title, options);
    else new Notification(title, options).addEventListener('click', () => window.focus());
  }

  async #begin(): Promise<void> {
    this.#state.set('page');
    if (!('serviceWorker' in navigator)) return;
    try {
      const worker = new URL('service-worker.mjs', root);
      const options = { scope: root.href, updateViaCache: 'none' } as const;
      await navigator.serviceWorker.register(worker, options);
      const registration = await navigator.serviceWorker.ready;
      const subscription = await subscribe(registration, await this.pushKey());
      const device = await addDevice(this.http, subscription.toJSON(), browserName(navigator.userAgent));
      this.#id.set(device.id);
      this.#state.set('push');
    } catch {
      // No push service can be reached, or this browser has none: notices while a page is open are what there is.
    }
  }
}

/** A subscription is bound to the key that it was made with. */
async function subscribe(registration: ServiceWorkerRegistration, key: string): Promise<PushSubscription> {
  const applicationServerKey = bytesOf(key);
  const old = await registration.pushManager.getSubscription();
  if (old && isSame(old.options.applicationServerKey, applicationServerKey)) return old;
  await old?.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
}

function isSame(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const bytes = new Uint8Array(one ?? []);
  return bytes.length === other.length && bytes.every((byte, i) => byte === other[i]);
}

function stateByPermission(): DeviceState {
  if (!('Notification' in globalThis)) return 'unable';
  return Notification.permission === 'denied' ? 'blocked' : 'off';
}

function wasOn(key: string): boolean {
  try {
    return localStorage.getItem(key) === 'on';
  } catch {
    // Storage is switched off: it has to be turned on anew each time.
    return false;
  }
}

function remember(key: string, isOn: boolean): void {
  try {
    if (isOn) localStorage.setItem(key, 'on');
    else localStorage.removeItem(key);
  } catch {
    // As above.
  }
}
