import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface PrefixProxy {
  /** With the prefix and a slash at its end. */
  readonly url: string;
  /** Paths outside of the prefix that somebody asked for. */
  readonly strays: readonly string[];
  stop(): Promise<void>;
}

/** Gives a server a place below a prefix, which the server doesn't hear of, as `location /clinic/` of nginx does. */
export async function prefixProxy(prefix: string, target: { port: number }): Promise<PrefixProxy> {
  const strays: string[] = [];
  const sockets = new Set<Socket>();
  const hostname = '127.0.0.1';

  function inside({ url = '/' }: IncomingMessage): string | undefined {
    if (url.startsWith(`${prefix}/`)) return url.slice(prefix.length);
    strays.push(url);
    return undefined;
  }

  const server = createServer((asked, response) => {
    const path = inside(asked);
    if (path === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { method, headers } = asked;
    const onward = request({ hostname, port: target.port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  server.on('upgrade', (asked: IncomingMessage, client: Socket) => {
    const path = inside(asked);
    const upstream = connect(target.port, hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
    }
    if (path === undefined) return void client.destroy();
    const lines = asked.rawHeaders.flatMap((name, i, all) => (i % 2 === 0 ? [`${name}: ${all[i + 1]}`] : []));
    upstream.write([`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    upstream.pipe(client);
    client.pipe(upstream);
  });
  server.listen(0, hostname);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://${hostname}:${port}${prefix}/`,
    strays,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
