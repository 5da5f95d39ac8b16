import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../caller.js';
import { appointmentEvent, bodyOf, textOf } from './events.js';
import type { Write } from './history.js';
import { call, type Answer, type Call } from './http-call.js';
import type { Network } from './network.js';
import type { Random } from './random.js';
import { inboxOf, type Source } from './source.js';
import type { WireRow } from './streams/stream.js';
import type { Tally } from './tally.js';

export interface Writer {
  readonly name: string;
  readonly random: Random;
  readonly network: Network;
  /** Of every request, in the order in which they are sent. */
  readonly writes: Write[];
  readonly tally: Tally;
  readonly stop: AbortSignal;
  /** Told of each answer as it comes. */
  readonly answered: () => void;
}

/** Notifies these users, one request after the other. */
export async function writeMessages(
  writer: Writer,
  operator: Caller,
  users: readonly Caller[],
): Promise<void> {
  const { name, random, stop } = writer;
  const line = new Line(writer, inboxOf(operator));
  for (let number = 1; !stop.aborted; number++) {
    const { user } = random.pick(users);
    // Thick ones back up at a reader who stands still; `data` may be 16 KiB.
    const fillerLength = random.chance(0.15) ? 14_000 : random.between(0, 50);
    // What isn't answered is sent again, under another name: nobody knows whether the first one is there.
    for (let attempt = 1, isKnown = false; !isKnown; attempt++) {
      const event = `${name}.${number}.${attempt}`;
      const body = bodyOf(event, user.id, fillerLength);
      const answer = await line.send(
        { event, users: [user.email] },
        { method: 'POST', path: '/api/notifications', token: operator.token, body },
      );
      isKnown = answer !== undefined || stop.aborted;
    }
    await line.pause();
  }
  line.close();
}

/** Says something in a conversation, one thing after the other. */
export async function talk(writer: Writer, { token }: Caller, source: Source): Promise<void> {
  const { name, random, stop } = writer;
  const line = new Line(writer, source);
  for (let number = 1; !stop.aborted; number++) {
    const event = `${name}.${number}`;
    const text = textOf(event, random.chance(0.1) ? 1_500 : random.between(0, 50));
    // With the client's own name for it, it may be said again.
    const clientId = random.chance(0.5) ? event : undefined;
    await line.send(
      { event, users: [source.name] },
      { method: 'POST', path: source.path, token, body: { text, clientId } },
      clientId !== undefined,
    );
    await line.pause();
  }
  line.close();
}

/** Books appointments, moves and cancels some of them: patient and doctor are told of each. */
export async function writeAppointments(
  writer: Writer,
  patient: Caller,
  doctor: Caller,
  slots: Iterator<string, never>,
): Promise<void> {
  const { random, stop } = writer;
  const line = new Line(writer, inboxOf(patient));
  const users = [patient, doctor].map(({ user }) => user.email);
  const send = (type: string, startsAt: string, request: Pick<Call, 'method' | 'path' | 'body'>) =>
    line.send({ event: appointmentEvent(type, startsAt), users }, { token: patient.token, ...request });

  while (!stop.aborted) {
    let startsAt = slots.next().value;
    const booked = await send('appointment.created', startsAt, {
      method: 'POST',
      path: '/api/appointments',
      body: { doctorId: doctor.user.id, startsAt, durationMinutes: 15 },
    });
    await line.pause();
    if (booked === undefined) continue;
    const path = `/api/appointments/${(booked.body as { id: number }).id}`;

    if (random.chance(0.5)) {
      startsAt = slots.next().value;
      const moved = await send('appointment.rescheduled', startsAt, {
        method: 'PATCH',
        path,
        body: { startsAt },
      });
      await line.pause();
      // Nobody knows when it is now.
      if (moved === undefined) continue;
    }
    if (random.chance(0.5)) {
      await send('appointment.cancelled', startsAt, { method: 'POST', path: `${path}/cancel`, body: {} });
      await line.pause();
    }
  }
  line.close();
}

/** Free quarters of an hour of a doctor, by a clinic's clock that shows UTC; none comes twice. */
export function* freeSlots(): Generator<string, never> {
  const tomorrow = new Date(Date.now() + 24 * 3_600_000).setUTCHours(0, 0, 0, 0);
  for (let day = 1; ; day++)
    for (let quarter = 8 * 4; quarter < 18 * 4; quarter++)
      yield new Date(tomorrow + day * 24 * 3_600_000 + quarter * 15 * 60_000).toISOString();
}

/** One writer's way to the server, which writes down what becomes of each request. */
class Line {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** @param source says what a row of an answer tells */
  constructor(
    private readonly writer: Writer,
    private readonly source: Pick<Source, 'rowOf'>,
  ) {}

  /**
   * Every other request has a key, and is sent until it is answered.
   * @param isRepeatable it may be sent again without a key too
   * @returns undefined where nobody knows what became of it
   */
  async send(
    { event, users }: Pick<Write, 'event' | 'users'>,
    request: Omit<Call, 'port' | 'agent' | 'idempotencyKey'>,
    isRepeatable = false,
  ): Promise<Answer | undefined> {
    const { name: writer, random, writes } = this.writer;
    const place = writes.push({ writer, event, users, answer: 'unanswered' }) - 1;
    const key = random.chance(0.5) ? { idempotencyKey: event.replaceAll(' ', '/') } : undefined;
    const answer =
      key || isRepeatable
        ? await this.#sendUntilAnswered({ ...request, ...key })
        : await this.#sendOnce(request);
    if (!answer) return undefined;

    const isRow = typeof (answer.body as { seq?: unknown }).seq === 'number';
    writes[place] = {
      writer,
      event,
      users,
      answer: answer.status < 300 ? 'acknowledged' : 'refused',
      ...(isRow && { row: this.source.rowOf(answer.body as WireRow) }),
    };
    if (answer.status >= 300)
      throw new Error(
        `${writer}: ${event} was answered with ${answer.status} ${JSON.stringify(answer.body)}`,
      );
    return answer;
  }

  async #sendUntilAnswered(request: Omit<Call, 'port' | 'agent'>): Promise<Answer | undefined> {
    const { stop, tally } = this.writer;
    while (!stop.aborted) {
      const answer = await this.#sendOnce(request);
      if (answer) return answer;
      tally.repeats += 1;
    }
    return undefined;
  }

  async #sendOnce(request: Omit<Call, 'port' | 'agent'>): Promise<Answer | undefined> {
    const { network, random, answered } = this.writer;
    network.roam();
    while (!network.isUp) {
      await sleep(20);
      network.roam();
    }
    const answer = await call({ ...request, port: network.port, agent: this.#agent }).catch(() => undefined);
    if (answer) answered();
    // A fault of the server says nothing of whether it is done.
    if (answer && answer.status < 500) return answer;
    await sleep(random.between(20, 200));
    return undefined;
  }

  /** Now none, now some: rows of one commit, and rows of their own. */
  pause(): Promise<void> {
    return sleep(this.writer.random.chance(0.5) ? 0 : this.writer.random.magnitude(1, 60));
  }

  close(): void {
    this.#agent.destroy();
  }
}
