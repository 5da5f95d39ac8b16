import { setTimeout as sleep } from 'node:timers/promises';
import { Samples, type Summary } from '../../bench/figures.js';
import type { Caller } from '../caller.js';
import { call, type Call } from '../torture/http-call.js';
import { Counts } from '../torture/tally.js';
import { queuedMs } from './run-queue.js';
import { StompLine } from './stomp-line.js';

/** How often each thing is done: a p99 needs a hundred. */
const EVERY_MS = { post: 100, livez: 50, beat: 50, login: 1_000 } as const;

/** What an attack may do to somebody else. */
export interface Harm {
  /** Of posts, looks at `/livez` and beats; in ms. */
  readonly waits: Summary;
  /** The same, less the time for which the node, or the victim, was ready to go on and waited for a core. */
  readonly waitsOnCore: Summary;
  /** Of logins, each of which has its password checked. */
  readonly logins: Summary;
  readonly done: number;
  /** What wasn't done, by what it was answered. */
  readonly refused: Readonly<Record<string, number>>;
}

/**
 * Somebody who is signed in and works: posts a notification to himself, reads `/livez`, beats on a STOMP connection that
 * stays open, and signs in once more. Each request has a connection of its own, since those are what runs out first; and
 * none waits for the one before, so that a node that stands still is seen by all that would have come meanwhile.
 */
export class Victim {
  #waits = new Samples();
  #waitsOnCore = new Samples();
  #logins = new Samples();
  #refused = new Counts();
  #done = 0;
  #line: StompLine | undefined;

  /** @param localAddress not the attacker's */
  constructor(
    private readonly node: { readonly port: number; readonly pid: number },
    private readonly caller: Caller,
    private readonly localAddress: string,
  ) {}

  /** Works until `over`, and waits for what is under way. */
  async work(over: Promise<unknown>): Promise<Harm> {
    this.#waits = new Samples();
    this.#waitsOnCore = new Samples();
    this.#logins = new Samples();
    this.#refused = new Counts();
    this.#done = 0;
    const end = new AbortController();
    const often = (everyMs: number, samples: Samples, act: Act): Promise<void> =>
      this.#often({ everyMs, until: end.signal }, samples, act);
    const working = Promise.all([
      often(EVERY_MS.livez, this.#waits, () => this.#http({ method: 'GET', path: '/livez' }, 200)),
      often(EVERY_MS.post, this.#waits, () => this.#post()),
      often(EVERY_MS.beat, this.#waits, () => this.#beat()),
      often(EVERY_MS.login, this.#logins, () => this.#login()),
    ]);
    await over;
    end.abort();
    await working;
    return {
      waits: this.#waits.summary(),
      waitsOnCore: this.#waitsOnCore.summary(),
      logins: this.#logins.summary(),
      done: this.#done,
      refused: this.#refused.all,
    };
  }

  /** Connects, if it isn't connected: what it lost before is no matter of the next attack. */
  async arrive(): Promise<void> {
    if (!this.#line?.isOpen) await this.#connect();
  }

  /** Reads what it was told, as somebody who works does; what isn't done now is done the next time. */
  async tidyUp(): Promise<void> {
    await this.#readAll().catch(() => undefined);
  }

  async #readAll(): Promise<void> {
    const { cursor } = await this.caller.get<{ cursor: string }>('/api/notifications?limit=1');
    await this.caller.post('/api/notifications/read-all', { upTo: cursor });
  }

  leave(): void {
    this.#line?.socket.terminate();
  }

  async #often(
    { everyMs, until }: { readonly everyMs: number; readonly until: AbortSignal },
    samples: Samples,
    act: Act,
  ): Promise<void> {
    const underWay: Promise<void>[] = [];
    const begin = performance.now();
    for (let turn = 0; !until.aborted; turn++) {
      await sleep(Math.max(0, begin + turn * everyMs - performance.now()));
      underWay.push(this.#measure(samples, act));
    }
    await Promise.all(underWay);
  }

  async #measure(samples: Samples, act: Act): Promise<void> {
    const [begin, queued] = [performance.now(), this.#queuedMs()];
    const refusal = await act().catch((error: Error) => error.message);
    const waited = performance.now() - begin;
    samples.add(waited);
    if (samples === this.#waits) this.#waitsOnCore.add(Math.max(0, waited - (this.#queuedMs() - queued)));
    if (refusal === undefined) this.#done += 1;
    else this.#refused.add(refusal);
  }

  /** Of the node and of this process, one after the other or at once; a node that has ended waits for nothing. */
  #queuedMs(): number {
    try {
      return queuedMs(this.node.pid) + queuedMs(process.pid);
    } catch {
      return 0;
    }
  }

  async #http(request: Omit<Call, 'port' | 'localAddress'>, wanted: number): Promise<string | undefined> {
    const { status } = await call({ port: this.node.port, localAddress: this.localAddress, ...request });
    return status === wanted ? undefined : `${request.path} ${status}`;
  }

  #post(): Promise<string | undefined> {
    const { token, user } = this.caller;
    const body = { userId: user.id, message: 'still at work' };
    return this.#http({ method: 'POST', path: '/api/notifications', token, body }, 201);
  }

  #login(): Promise<string | undefined> {
    const body = { email: this.caller.user.email, password: 'carillon' };
    return this.#http({ method: 'POST', path: '/api/auth/login', body }, 200);
  }

  async #beat(): Promise<string | undefined> {
    if (!this.#line?.isOpen) {
      await this.#connect();
      return 'lost its connection';
    }
    const isDone = await this.#line.done(
      'SEND',
      { destination: '/app/notifications.seen', 'content-type': 'application/json' },
      '{"ids":[1]}',
    );
    return isDone ? undefined : 'beat without receipt';
  }

  async #connect(): Promise<void> {
    const { localAddress, caller } = this;
    const { port } = this.node;
    const line = StompLine.begin({ port, localAddress }, (answer) => this.#refused.add(answer));
    this.#line = line;
    // It beats more often than that; a node that takes it for silent is wrong.
    await line.connect({ Authorization: `Bearer ${caller.token}`, 'heart-beat': '1000,1000' });
    await line.done('SUBSCRIBE', { id: 'own', destination: '/user/queue/notifications' });
  }
}

/** @returns why it wasn't done; undefined where it was */
type Act = () => Promise<string | undefined>;
