import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a client and a server, and can break in ways that a network does. */
export interface TcpProxy {
  readonly port: number;
  /** Cuts the next connection whose client sends these bytes: the server gets them, its answer is lost. */
  loseAnswerTo(bytes: string): void;
  /** Cuts all connections, and takes no new ones until `resume`. */
  stop(): Promise<void>;
  /** Cuts all connections; new ones are taken. */
  cut(): void;
  /** Carries nothing and closes nothing, on the connections of now, until `flow`; new connections too. */
  hang(): void;
  flow(): void;
  /** Takes connections again, after `stop`. */
  resume(): Promise<void>;
}

export async function tcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let fatal: string | undefined;
  let hangs = false;

  const server = createServer((client) => {
    const upstream = connect(target);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      if (hangs) from.pause();
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    upstream.on('data', (bytes) => client.write(bytes));
    client.on('data', (bytes) => {
      upstream.write(bytes);
      if (fatal === undefined || !bytes.includes(fatal)) return;
      fatal = undefined;
      upstream.removeAllListeners('data');
      upstream.once('data', () => client.destroy());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    port,
    loseAnswerTo(bytes) {
      fatal = bytes;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    hang() {
      hangs = true;
      for (const socket of sockets) socket.pause();
    },
    flow() {
      hangs = false;
      for (const socket of sockets) socket.resume();
    },
    async resume() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
  };
}
