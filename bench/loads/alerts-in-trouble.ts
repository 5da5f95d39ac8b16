import { setTimeout as sleep } from 'node:timers/promises';
import { frame, StompSocket } from '../stomp-socket.js';
import type { Door, Headers } from '../target.js';
import { now } from './timed-message.js';

export interface AlertsInTroubleJob {
  /** Of HTTP: nodes that stay. */
  readonly urls: readonly string[];
  /** An operator's. */
  readonly token: string;
  readonly recipients: readonly Recipient[];
  /** A topic is published on one node and heard on another. */
  readonly topic: { readonly from: Door; readonly to: Door };
  /** Alerts, and messages of the topic. */
  readonly perSecond: number;
  readonly seconds: number;
}

export interface Recipient {
  readonly id: number;
  /** One for each node; who is cut goes on to the next. */
  readonly doors: readonly Door[];
}

export interface AlertsInTroubleResult {
  /** In the order in which they were sent, by `now`. */
  readonly alerts: readonly Alert[];
  /** When messages of the topic came. */
  readonly heardAt: readonly number[];
}

export interface Alert {
  readonly sentAt: number;
  /** Of the answer; 0 where none came. */
  status: number;
  /** Until it was on its recipient's device; undefined where it never was. */
  latencyMs?: number;
}

const TOPIC = '/topic/trouble';
/** After the last alert. */
const PATIENCE_MS = 10_000;

/** Alerts at an even pace, whatever happens to the nodes meanwhile. */
export async function prepare(job: AlertsInTroubleJob): Promise<() => Promise<AlertsInTroubleResult>> {
  const alerts: Alert[] = [];
  const heardAt: number[] = [];
  await Promise.all(job.recipients.map((recipient, i) => new Device(recipient, alerts, i).connect()));
  const publisher = await StompSocket.open(job.topic.from);
  await subscribe(await StompSocket.open(job.topic.to), TOPIC, {}, () => heardAt.push(now()));

  const post = async (i: number): Promise<void> => {
    const alert: Alert = { sentAt: now(), status: 0 };
    alerts.push(alert);
    const userId = job.recipients[i % job.recipients.length]?.id;
    const answer = await fetch(`${job.urls[i % job.urls.length]}/api/notifications`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${job.token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ userId, message: `alert ${i}.` }),
    }).catch(() => undefined);
    alert.status = answer?.status ?? 0;
    await answer?.arrayBuffer();
  };

  return async () => {
    const begun = performance.now();
    const posts: Promise<void>[] = [];
    for (let i = 0; i < job.seconds * job.perSecond; i++) {
      posts.push(post(i));
      publisher.send(frame('SEND', { destination: TOPIC }, `${i}`));
      await sleep(Math.max(0, begun + ((i + 1) * 1_000) / job.perSecond - performance.now()));
    }
    await Promise.all(posts);
    const end = performance.now() + PATIENCE_MS;
    const isThere = ({ status, latencyMs }: Alert): boolean => status !== 201 || latencyMs !== undefined;
    while (!alerts.every(isThere) && performance.now() < end) await sleep(50);
    return { alerts, heardAt };
  };
}

/** Comes back at once, to the next node, with its last cursor. */
class Device {
  #cursor = 'latest';

  constructor(
    private readonly recipient: Recipient,
    private readonly alerts: readonly Alert[],
    private node: number,
  ) {}

  async connect(): Promise<void> {
    for (;;) {
      const { doors } = this.recipient;
      const door = doors[this.node++ % doors.length];
      const socket = door && (await StompSocket.open(door).catch(() => undefined));
      if (!socket) continue;
      socket.onClose = () => void this.connect();
      const since: Headers = this.#cursor === 'latest' ? {} : { since: this.#cursor };
      return subscribe(socket, '/user/queue/notifications', since, (text) => this.#take(text));
    }
  }

  #take(text: string): void {
    for (const [, cursor = ''] of text.matchAll(/\ncursor:(.+)\n/g))
      this.#cursor = cursor.replace('\\c', ':');
    for (const [, number] of text.matchAll(/alert (\d+)\./g)) {
      const alert = this.alerts[Number(number)];
      if (alert) alert.latencyMs ??= now() - alert.sentAt;
    }
  }
}

/** Resolves with the RECEIPT. */
function subscribe(
  socket: StompSocket,
  destination: string,
  headers: Headers,
  take: (text: string) => void,
): Promise<void> {
  return new Promise((resolve) => {
    socket.onMessage = (bytes, start, end) => {
      const text = bytes.toString('latin1', start, end);
      if (text.includes('RECEIPT\n')) resolve();
      if (text.includes('MESSAGE\n')) take(text);
    };
    socket.send(frame('SUBSCRIBE', { id: '0', destination, receipt: '0', ...headers }));
  });
}
