import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerFrame } from '../conformance/server-frame.js';
import { fillerOf } from './events.js';
import type { DoubleClaim } from './plant.js';
import { Roamer, type Errand, type RoamerOptions } from './roamer.js';
import type { StompConnection } from './stomp-connection.js';
import { acknowledgementOf } from './streams/stomp.js';
import type { Delivery, Put } from './history.js';

export interface ProducerOptions extends RoamerOptions {
  readonly queue: string;
  /** Over all producers, in the order in which each sent them. */
  readonly puts: Put[];
}

/** SENDs that wait for their RECEIPT, at most. */
const WINDOW = 20;

/** Puts numbered messages into one queue. */
export class Producer {
  readonly #roamer: Roamer;

  constructor(private readonly options: ProducerOptions) {
    this.#roamer = new Roamer(options);
  }

  get failed(): Promise<never> {
    return this.#roamer.failed;
  }

  run(): Promise<void> {
    return this.#roamer.run((connection) => this.#errand(`${this.options.name}.${connection}`));
  }

  stop(): void {
    this.#roamer.stop();
  }

  #errand(producer: string): Errand {
    const puts: Put[] = [];
    let receipts = 0;
    return {
      begin: (connection) => this.#put(connection, producer, puts, () => receipts),
      take: ({ headers }) => {
        const put = puts[Number(headers.get('receipt-id')) - 1];
        if (!put) throw new Error('Nobody asked for this RECEIPT');
        put.isAcknowledged = true;
        receipts += 1;
      },
    };
  }

  async #put(
    connection: StompConnection,
    producer: string,
    puts: Put[],
    receipts: () => number,
  ): Promise<void> {
    const { random, queue } = this.options;
    while (!connection.isOver) {
      if (puts.length - receipts() < WINDOW) {
        const number = puts.length + 1;
        const put: Put = { queue, producer, number, at: performance.now(), isAcknowledged: false };
        puts.push(put);
        this.options.puts.push(put);
        const fillerLength = random.chance(0.1) ? 14_000 : random.between(0, 50);
        const body = `${producer} ${number} ${fillerLength} ${fillerOf(fillerLength)}`;
        connection.send('SEND', { destination: queue, receipt: `${number}` }, body);
      }
      await sleep(random.chance(0.5) ? random.magnitude(1, 60) : 0);
    }
  }
}

export interface ConsumerOptions extends RoamerOptions {
  readonly queue: string;
  readonly isAlone: boolean;
  /** Over all consumers, in the order in which they come. */
  readonly deliveries: Delivery[];
  readonly plant: DoubleClaim;
}

/** Takes messages out of a queue; most of them it acknowledges. */
export class Consumer {
  readonly #roamer: Roamer;
  #isCalm = false;

  constructor(private readonly options: ConsumerOptions) {
    this.#roamer = new Roamer(options);
  }

  get failed(): Promise<never> {
    return this.#roamer.failed;
  }

  run(): Promise<void> {
    return this.#roamer.run((connection) => this.#errand(`${this.options.name}.${connection}`));
  }

  /** From now on it acknowledges all of them. */
  calm(): void {
    this.#isCalm = true;
  }

  stop(): void {
    this.#roamer.stop();
  }

  #errand(consumer: string): Errand {
    const { random, queue } = this.options;
    const acknowledgement = acknowledgementOf(random, ['client', 'client-individual']);
    let since = 0;
    let connection: StompConnection | undefined;
    return {
      begin(open) {
        connection = open;
        since = performance.now();
        open.send('SUBSCRIBE', {
          id: 'queue',
          destination: queue,
          ...acknowledgement.headers,
        });
      },
      take: (frame) => {
        if (connection) this.#consume(frame, connection, { consumer, since }, acknowledgement.settle);
      },
    };
  }

  #consume(
    frame: ServerFrame,
    connection: StompConnection,
    where: Pick<Delivery, 'consumer' | 'since'>,
    settle: (ack: string | undefined) => string | undefined,
  ): void {
    const { random, tally, plant, deliveries, isAlone } = this.options;
    const delivery = { ...deliveryOf(frame), ...where, isAlone };
    tally.deliveries.add(delivery.isRedelivered ? 'again' : 'first');
    deliveries.push(...plant.filter(delivery));
    const id = frame.headers.get('ack') ?? '';
    // Back it comes, perhaps to somebody else.
    if (!this.#isCalm && random.chance(0.02)) return connection.send('NACK', { id });
    const settled = settle(id);
    if (settled !== undefined) connection.send('ACK', { id: settled });
  }
}

/** One whose content isn't whole is of a producer that there isn't. */
function deliveryOf({
  headers,
  body,
}: ServerFrame): Pick<Delivery, 'queue' | 'producer' | 'number' | 'isRedelivered'> {
  const [producer = '', number, fillerLength, filler] = body.toString().split(' ');
  const isWhole = filler === fillerOf(Number(fillerLength));
  return {
    queue: headers.get('destination') ?? '',
    producer: isWhole ? producer : `${producer}, but garbled`,
    number: Number(number),
    isRedelivered: headers.get('redelivered') === 'true',
  };
}
