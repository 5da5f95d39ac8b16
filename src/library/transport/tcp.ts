import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Timer } from '../broker/clock.js';
import type { Wire } from '../session/ports.js';
import { networkOf, plainAddress } from '../network.js';
import type { Share } from '../session/share.js';
import type { Connection } from './connections.js';
import type { Descriptors } from './descriptors.js';
import { KeepAlive } from './keep-alive.js';
import { Outbox, type Sink } from './outbox.js';
import { refusals } from './refusal.js';
import type { SecureSockets } from './secure-sockets.js';
import type { TransportSession, TransportServices } from './services.js';

/** Plain STOMP on TCP, for clients that aren't browsers. */
export class TcpServer {
  readonly #server: Server;

  constructor(
    private readonly services: TransportServices,
    private readonly descriptors: Descriptors,
    private readonly secure?: Pick<SecureSockets, 'open'>,
  ) {
    this.#server = createServer(
      // Half-open: a client that has ended its side (`nc -N`) still gets its answers.
      {
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: services.limits.tcpKeepAliveMs,
      },
      (socket) => this.#accept(socket),
    );
  }

  /** @returns where it listens; port 0 takes any free one */
  listen(port: number, host: string): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => resolve(this.#server.address() as AddressInfo));
    });
  }

  /** Takes no more connections; those that are open stay. */
  close(): void {
    this.#server.close();
  }

  #accept(socket: Socket): void {
    const { connections } = this.services;
    const remoteAddress = plainAddress(socket.remoteAddress ?? '');
    // What went wrong shows in the 'close' that follows.
    socket.on('error', () => undefined);
    const network = networkOf(remoteAddress);
    if (!connections.hasPlaceFor(remoteAddress) || !this.descriptors.hasPlaceFor(network)) {
      this.services.refused?.add('tcp', refusals.tooMany);
      return void socket.destroy();
    }
    this.descriptors.add(socket, network);
    if (this.secure) this.secure.open(socket, (opened) => this.#speak(opened, remoteAddress));
    else this.#speak(socket, remoteAddress);
  }

  #speak(socket: Socket, remoteAddress: string): void {
    const { connections, report } = this.services;
    try {
      const wire = new TcpWire(socket, remoteAddress, this.services);
      connections.add(wire, remoteAddress);
      socket.on('close', () => connections.delete(wire, remoteAddress));
    } catch (error) {
      report(error);
      socket.destroy();
    }
  }
}

class TcpWire implements Wire, Sink, Connection {
  readonly transport = 'tcp';
  readonly isStream = true;
  readonly isTextOnly = false;
  readonly silenceMarginMs = 0;
  readonly #outbox: Outbox;
  readonly #conversation: TransportSession;
  #keepAlive: KeepAlive | undefined;
  #cutTimer: Timer | undefined;
  #isClosing = false;
  #discardedBytes = 0;

  constructor(
    private readonly socket: Socket,
    remoteAddress: string,
    private readonly services: TransportServices,
  ) {
    this.#outbox = new Outbox(this, services);
    this.#conversation = services.openSession(this, remoteAddress);

    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('drain', () => this.#outbox.flush());
    socket.on('end', () => this.#heardAll());
    socket.on('close', () => this.#gone());
  }

  send(frame: Uint8Array): void {
    this.#outbox.push(frame);
  }

  hasCapacity(): boolean {
    return this.#outbox.hasCapacity();
  }

  onCapacity(callback: () => void): void {
    this.#outbox.onCapacity(callback);
  }

  countTo(share: Share): void {
    this.#outbox.countTo(share);
  }

  pause(): void {
    if (!this.#isClosing) this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  probe(): boolean {
    return false;
  }

  beatWhenSilent(): void {
    const { clock, limits } = this.services;
    this.#keepAlive = new KeepAlive(clock, limits.pingMs, this);
  }

  beat(): void {
    if (this.#outbox.waitingBytes === 0 && !this.socket.writableNeedDrain) this.socket.write('\n');
  }

  /** STOMP alone has no close codes: the ERROR before said why. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#keepAlive?.stop();
    const { clock, limits } = this.services;
    this.#cutTimer = clock.after(limits.closeMs, () => this.cut());
    // Read on and discarded: data that a closed socket leaves unread makes TCP answer with a reset, and a reset
    // eats the ERROR that is on its way.
    this.socket.resume();
    this.#outbox.end(() => this.socket.end());
  }

  cut(): void {
    this.socket.destroy();
  }

  take(frames: readonly Uint8Array[]): number {
    if (this.socket.writableNeedDrain) return 0;
    this.socket.write(frames.length === 1 && frames[0] ? frames[0] : Buffer.concat(frames));
    this.#keepAlive?.wrote();
    return frames.length;
  }

  unsentBytes(): number {
    return this.socket.writableLength;
  }

  #receive(bytes: Buffer): void {
    if (this.#isClosing) return this.#discard(bytes);
    try {
      this.#conversation.receive(bytes);
    } catch (error) {
      // An exception in a listener would end the process.
      this.services.report(error);
      this.#conversation.disconnected('internal_error');
      this.close();
    }
  }

  #heardAll(): void {
    if (!this.#isClosing) this.#conversation.finish();
  }

  #discard(bytes: Buffer): void {
    this.#discardedBytes += bytes.byteLength;
    if (this.#discardedBytes > this.services.limits.lingerBytes) this.cut();
  }

  overflowed(): void {
    this.#conversation.disconnected('slow_consumer');
    this.close();
  }

  #gone(): void {
    this.#isClosing = true;
    this.#keepAlive?.stop();
    this.#cutTimer?.cancel();
    this.#outbox.close();
    this.#conversation.disconnected();
  }
}
