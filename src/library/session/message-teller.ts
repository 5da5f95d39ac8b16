import type { Message } from '../broker/message.js';
import type { Connected } from './connected.js';
import type { Interceptors } from './interceptors.js';
import type { FrameWriter } from './frame-writer.js';
import type { MessageFrames, SharedView } from './message-frames.js';
import type { SubscriptionRequest, Teller } from './subscription.js';

/** Writes the messages of one SUBSCRIBE as MESSAGE frames. What each delivery needs is at hand: a million of them come in a second. */
export class MessageTeller implements Teller {
  readonly #view: SharedView;
  readonly #frames: MessageFrames;
  readonly #writer: FrameWriter;
  readonly #interceptors: Interceptors | undefined;

  constructor(
    private readonly session: Connected,
    { id, kind, destination }: Pick<SubscriptionRequest, 'id' | 'kind' | 'destination'>,
  ) {
    const { services, writer } = session;
    this.#frames = services.frames;
    this.#writer = writer;
    this.#interceptors = services.interceptors;
    this.#view = this.#frames.viewOf({
      version: session.version,
      subscription: id,
      destination: kind === 'user' || kind === 'reply-queue' ? destination : undefined,
      isTextOnly: writer.wire.isTextOnly,
    });
  }

  show(message: Message): Message | undefined {
    if (!this.#interceptors) return message;
    const { session } = this;
    try {
      return this.#interceptors.outbound(message, session.client);
    } catch (error) {
      session.fail(error);
      return undefined;
    }
  }

  tell(message: Message, ack: string | undefined): void {
    this.#writer.write(
      ack === undefined
        ? this.#frames.encode(message, this.#view)
        : this.#frames.encodeToBeAcked(message, this.#view, ack),
    );
  }
}
