import { clientFrame } from '../../conformance/client-frame.js';
import { ServerFrameReader, type ServerFrame } from '../../conformance/server-frame.js';
import type { Random } from '../random.js';
import { tell, type OpenStream, type Stream, type StreamRequest } from './stream.js';

/** Carries octets both ways. */
export interface Pipe {
  send(octets: Buffer): void;
  close(): void;
}

export interface PipeListener {
  opened(): void;
  received(octets: Buffer): void;
  closed(): void;
}

export type OpenPipe = (port: number, random: Random, listener: PipeListener) => Pipe;

/** STOMP by hand, so that nothing in between mends what came. */
export function stompOver(openPipe: OpenPipe): OpenStream {
  return (request) => new StompStream(request, openPipe);
}

class StompStream implements Stream, PipeListener {
  readonly ended: Promise<void>;
  #end: () => void = () => {};
  #isOver = false;
  readonly #frames = new ServerFrameReader();
  readonly #pipe: Pipe;
  readonly #acknowledgement: Acknowledgement;

  constructor(
    private readonly request: StreamRequest,
    openPipe: OpenPipe,
  ) {
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#acknowledgement = acknowledgementOf(request.random);
    this.#pipe = openPipe(request.port, request.random, this);
  }

  opened(): void {
    this.#send('CONNECT', {
      'accept-version': '1.2',
      host: 'carillon',
      Authorization: `Bearer ${this.request.token}`,
    });
  }

  received(octets: Buffer): void {
    try {
      for (const frame of this.#frames.push(octets)) if (!this.#isOver) this.#take(frame);
    } catch (error) {
      this.request.listener.garbled(error);
      this.close();
    }
  }

  closed(): void {
    this.#isOver = true;
    this.#end();
  }

  close(): void {
    this.closed();
    this.#pipe.close();
  }

  #take({ command, headers, body }: ServerFrame): void {
    const { listener, since, destination } = this.request;
    switch (command) {
      case 'CONNECTED':
        return this.#send('SUBSCRIBE', {
          id: 'inbox',
          destination,
          since,
          ...this.#acknowledgement.headers,
        });
      case 'MESSAGE': {
        tell(listener, headers.get('event-type'), headers.get('cursor') ?? '', body.toString());
        const settled = this.#acknowledgement.settle(headers.get('ack'));
        if (settled !== undefined && !this.#isOver) this.#send('ACK', { id: settled });
        return;
      }
      case 'ERROR':
        return listener.refused(headers.get('code') ?? 'without a code');
      default:
        throw new Error(`Nobody asked for ${command}`);
    }
  }

  #send(command: string, headers: Readonly<Record<string, string>>): void {
    this.#pipe.send(clientFrame('1.2', command, headers));
  }
}

interface Acknowledgement {
  readonly headers: Readonly<Record<string, string>>;
  /** @returns the id of the ACK that is due now that this message was taken */
  settle(ack: string | undefined): string | undefined;
}

/** A reader who acknowledges is served no faster than he does. */
export function acknowledgementOf(
  random: Random,
  modes: readonly string[] = ['auto', 'auto', 'client', 'client-individual'],
): Acknowledgement {
  const mode = random.pick(modes);
  if (mode === 'auto') return { headers: {}, settle: () => undefined };
  const prefetch = random.between(1, 20);
  // In the mode client an ACK is cumulative.
  const every = mode === 'client' ? Math.ceil(prefetch / 2) : 1;
  let unsettled = 0;
  return {
    headers: { ack: mode, 'prefetch-count': String(prefetch) },
    settle: (ack) => (++unsettled % every === 0 ? ack : undefined),
  };
}
