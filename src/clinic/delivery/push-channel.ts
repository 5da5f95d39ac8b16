import { LRUCache } from 'lru-cache';
import type { EntityManager } from 'typeorm';
import webPush, { type RequestDetails } from 'web-push';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import type { Limits } from '../limits.js';
import type { Language } from '../words/language.js';
import type { DeliveryChannel, Letter, Outcome } from './channel.js';
import type { PushDevice, PushDevices } from './push-devices.service.js';
import type { PushPost } from './push-post.js';
import { PrivateAddress } from './public-address.js';
import { retryAfterOf } from './retry.js';

/** The keys by which push services know this clinic (RFC 8292). Devices are bound to them, so they are made once. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The settings of push. */
export interface PushOptions {
  readonly keys: VapidKeys;
  readonly contact: string;
  readonly limits: Pick<Limits, 'deliveryMs' | 'deliveryOutageMs' | 'pushPlaceMs' | 'pushServices'>;
}

/** What the service worker is sent; `client/public/service-worker.mjs` shows it. */
export interface PushPayload {
  readonly notificationId: number;
  readonly title: string;
  readonly text: string;
  readonly isCritical: boolean;
  readonly language: Language;
}

/** Web Push: RFC 8030, encrypted for the browser (RFC 8291). The push service sees sizes and times, and no word. */
export class PushChannel implements DeliveryChannel<PushDevice> {
  readonly name = 'push';
  readonly placeMs: number;
  /** Push services that didn't answer, and until when they aren't asked, in ms of the monotonic clock. */
  readonly #paused: LRUCache<string, number>;

  constructor(
    private readonly devices: PushDevices,
    private readonly post: PushPost,
    private readonly options: PushOptions,
  ) {
    this.placeMs = options.limits.pushPlaceMs;
    this.#paused = new LRUCache({ max: options.limits.pushServices });
  }

  async reachable(manager: EntityManager, userIds: readonly number[]): Promise<ReadonlySet<number>> {
    const rows = await rowsOf<{ user_id: number }>(
      manager,
      `select distinct user_id from push_device
       where user_id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$1')})`,
      [JSON.stringify(userIds.map((id) => [id]))],
    );
    return new Set(rows.map(({ user_id }) => user_id));
  }

  targetsOf(
    manager: EntityManager,
    userIds: readonly number[],
  ): Promise<(userId: number) => readonly PushDevice[]> {
    return this.devices.findAll(manager, userIds);
  }

  forget(manager: EntityManager, device: PushDevice): Promise<void> {
    return this.devices.forget(manager, device);
  }

  async send(device: PushDevice, letter: Letter, stopped: AbortSignal): Promise<Outcome> {
    const url = new URL(device.url);
    const pausedMs = (this.#paused.get(url.origin) ?? 0) - performance.now();
    if (pausedMs > 0) return { result: 'postponed', reason: 'service_paused', retryAfterMs: pausedMs };

    const details = this.#detailsFor(device, letter);
    if (!details) return { result: 'refused', reason: 'keys_unusable' };
    const { deliveryMs, deliveryOutageMs } = this.options.limits;
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(deliveryMs)]);
    try {
      const answer = await this.post.post({ url, ...details, signal });
      return outcomeOf(answer.status, answer.retryAfter);
    } catch (error) {
      if (stopped.aborted) return { result: 'postponed', reason: 'node_stopped', retryAfterMs: 0 };
      if (error instanceof PrivateAddress) return { result: 'refused', reason: 'private_address' };
      // One that hangs costs each of its devices this once, and others nothing.
      this.#paused.set(url.origin, performance.now() + deliveryOutageMs);
      return { result: 'later', reason: signal.aborted ? 'timeout' : codeOf(error) };
    }
  }

  #detailsFor(
    { url, p256dh, auth }: PushDevice,
    { notificationId, title, text, isCritical, expiresAt, topic, language }: Letter,
  ): Pick<RequestDetails, 'headers' | 'body'> | undefined {
    const { keys, contact } = this.options;
    const payload: PushPayload = { notificationId, title, text, isCritical, language };
    try {
      return webPush.generateRequestDetails(
        { endpoint: url, keys: { p256dh, auth } },
        JSON.stringify(payload),
        {
          vapidDetails: { subject: contact, ...keys },
          TTL: Math.min(Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1_000)), FOUR_WEEKS),
          urgency: isCritical ? 'high' : 'normal',
          ...(topic !== null && { topic }),
        },
      );
    } catch {
      // The keys have the right length, but are no point of the curve.
      return undefined;
    }
  }
}

/** What push services keep a message for at most. */
const FOUR_WEEKS = 28 * 24 * 3_600;

/** RFC 8030, 5 and 8: 404 and 410 say that the subscription is over. */
export function outcomeOf(status: number, retryAfter: string | undefined): Outcome {
  if (status >= 200 && status < 300) return { result: 'sent' };
  const reason = `answered_${status}`;
  if (status === 404 || status === 410) return { result: 'gone', reason };
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfterMs = retryAfterOf(retryAfter, new Date());
    return { result: 'later', reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  return { result: 'refused', reason };
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? code.toLowerCase() : 'unreachable';
}
