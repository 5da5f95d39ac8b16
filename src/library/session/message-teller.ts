import type { Message } from '../broker/message.js';
import type { Connected } from './connected.js';
import type { SharedView } from './message-frames.js';
import type { SubscriptionRequest, Teller } from './subscription.js';

/** Writes the messages of one SUBSCRIBE as MESSAGE frames. */
export class MessageTeller implements Teller {
  readonly #view: SharedView;

  constructor(
    private readonly session: Connected,
    { id, kind, destination }: Pick<SubscriptionRequest, 'id' | 'kind' | 'destination'>,
  ) {
    this.#view = session.services.frames.viewOf({
      version: session.version,
      subscription: id,
      destination: kind === 'user' || kind === 'reply-queue' ? destination : undefined,
      isTextOnly: session.line.wire.isTextOnly,
    });
  }

  show(message: Message): Message | undefined {
    const { services, client } = this.session;
    try {
      return services.interceptors?.outbound(message, client) ?? message;
    } catch (error) {
      this.session.fail(error);
      return undefined;
    }
  }

  tell(message: Message, ack: string | undefined): void {
    const { services, line } = this.session;
    const { frames } = services;
    line.write(
      ack === undefined
        ? frames.encode(message, this.#view)
        : frames.encodeToBeAcked(message, this.#view, ack),
    );
  }
}
