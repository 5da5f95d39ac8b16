import { Injectable, Optional } from '@nestjs/common';
import { kindOf, userAddress } from '../broker/address.js';
import { Broker } from '../broker/broker.js';
import type { Cursor } from '../broker/cursor.js';
import { CURSOR, type Draft } from '../broker/message.js';
import { Converters } from './payload.js';

type MessageHeaders = Readonly<Record<string, string>>;

/** Sends from the application to the subscribers of an address, as Spring's SimpMessagingTemplate does. */
@Injectable()
export class MessagingTemplate {
  #narrowing: Pick<Draft, 'audience' | 'position'> = {};
  #isForHere = false;

  constructor(
    private readonly broker: Broker,
    @Optional() private readonly converters: Converters = new Converters(),
  ) {}

  /**
   * Publishes to `/topic/…`, to a user's address, or to the `reply-to` of a message. Synchronous: it waits for no reader.
   * @param payload bytes go as they are, a string as text/plain, anything else as JSON; the header `content-type` chooses
   *   another converter
   * @param headers more headers of the MESSAGE; names that the protocol owns are left out
   * @throws {TypeError} the payload can't be converted; or an address of a queue, for which there is `enqueue`, or of a
   *   topic that keeps its messages, for which there is `keep`, and `at` after a commit of your own
   */
  convertAndSend(address: string, payload: unknown, headers: MessageHeaders = {}): void {
    const kind = kindOf(address);
    if (kind !== 'topic' && kind !== 'user' && kind !== 'reply-queue')
      throw new TypeError(
        `${address}: publish to /topic/…; what goes to /queue/… is stored, await enqueue()`,
      );
    if (kind === 'topic' && !this.#narrowing.position && this.broker.keeps(address))
      throw new TypeError(`${address} keeps its messages: what goes there is stored, await keep()`);
    const draft = this.#draft(address, payload, headers);
    if (this.#isForHere) this.broker.deliver({ id: this.broker.nextId(), ...draft });
    else this.broker.publish(draft);
  }

  /**
   * Publishes to a topic that keeps its messages (the option `keep`); resolves when it is stored, and handed over.
   * @throws {TypeError} it keeps nothing, or this template is for one session only
   * @throws {Refusal} frame_too_large
   */
  async keep(address: string, payload: unknown, headers: MessageHeaders = {}): Promise<void> {
    if (this.#narrowing.audience) throw new TypeError('What is kept is for everybody who subscribes');
    const kept = this.broker.keep(this.#draft(address, payload, headers));
    if (!kept) throw new TypeError(`${address} keeps nothing: name it in the option \`keep\``);
    await kept;
  }

  /**
   * Publishes to every open session and stream of a user.
   * @param name the user's name, as `User#name`
   * @param destination what they subscribe to without `/user`, such as `/queue/notifications`
   */
  convertAndSendToUser(
    name: string,
    destination: string,
    payload: unknown,
    headers: MessageHeaders = {},
  ): void {
    this.convertAndSend(userAddress(name, destination), payload, headers);
  }

  /**
   * The same to several users: it is converted once, and encoded once for all who see the same.
   * @param names as `User#name`, each once
   */
  convertAndSendToUsers(
    names: readonly string[],
    destination: string,
    payload: unknown,
    headers: MessageHeaders = {},
  ): void {
    const addresses = names.map((name) => userAddress(name, destination));
    this.broker.publishToUsers(addresses, this.#contentOf(payload, headers));
  }

  /**
   * Puts a message into `/queue/…`; resolves when it is stored.
   * @throws {Refusal} queue_full
   */
  async enqueue(queue: string, payload: unknown, headers: MessageHeaders = {}): Promise<void> {
    if (kindOf(queue) !== 'queue') throw new TypeError(`${queue} is no queue`);
    await this.broker.queues.commit([this.#draft(queue, payload, headers)], []);
  }

  /** What is published with this reaches one session, where it is subscribed. @param id as `ClientSession#id` */
  toSession(id: string): Pick<MessagingTemplate, 'convertAndSend' | 'convertAndSendToUser'> {
    return this.#with({ audience: { only: id } });
  }

  /** What is published with this reaches everybody but one session: who said it knows it. */
  exceptSession(id: string): Pick<MessagingTemplate, 'convertAndSend' | 'convertAndSendToUser'> {
    return this.#with({ audience: { except: id } });
  }

  /** What is published with this reaches these users, where they are subscribed. @param names as `User#name` */
  toUsers(names: readonly string[]): Omit<MessagingTemplate, 'convertAndSendToUsers'> {
    return this.#with({ ...this.#narrowing, audience: { users: names } });
  }

  /** What is published with this is a row of its address's log, which is committed and has that position. */
  at({ epoch, seq }: Cursor): Pick<MessagingTemplate, 'convertAndSend' | 'convertAndSendToUser'> {
    return this.#with({ ...this.#narrowing, position: { epoch, seq } });
  }

  /** What is published with this reaches those who are connected to this node, and goes to no other one. */
  here(): Pick<MessagingTemplate, 'convertAndSend' | 'convertAndSendToUser'> {
    const local = this.#with(this.#narrowing);
    local.#isForHere = true;
    return local;
  }

  #with(narrowing: Pick<Draft, 'audience' | 'position'>): MessagingTemplate {
    const narrowed = new MessagingTemplate(this.broker, this.converters);
    narrowed.#narrowing = narrowing;
    return narrowed;
  }

  #draft(address: string, payload: unknown, headers: MessageHeaders): Draft {
    return { address, ...this.#contentOf(payload, headers), ...this.#narrowing };
  }

  #contentOf(payload: unknown, headers: MessageHeaders): Pick<Draft, 'headers' | 'body'> {
    if (headers[CURSOR] !== undefined)
      throw new TypeError('A cursor is no header: publish with at(position)');
    const { contentType, body } = this.converters.encode(payload, headers['content-type']);
    const all = new Map([['content-type', contentType]]);
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    return { headers: all, body };
  }
}
