import { firstValueFrom, skip } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker, type RunningBroker } from './broker.js';
import { isInstalled } from './installed.js';
import type { Observable } from 'rxjs';

/** What is used of it here; the package may be missing, and its types with it. */
interface RxStomp {
  configure(settings: object): void;
  activate(): void;
  deactivate(): Promise<void>;
  watch(destination: string): Observable<Message>;
  publish(message: Published): void;
  readonly connected$: Observable<unknown>;
}

interface Message {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Published {
  readonly destination: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface RxStompRPC {
  rpc(message: Published): Observable<Message>;
}

interface Library {
  readonly RxStomp: new () => RxStomp;
  readonly RxStompRPC: new (stomp: RxStomp) => RxStompRPC;
}

const name = '@stomp/rx-stomp';
const isThere = isInstalled(name);

describe.skipIf(!isThere)(isThere ? name : `${name} (the package is not installed)`, () => {
  let broker: RunningBroker;
  beforeAll(async () => (broker = await startBroker()));
  afterAll(() => broker.stop());

  it('connects, watches a destination and publishes to it', async () => {
    const { stomp } = await connect();
    const message = firstValueFrom(stomp.watch('/topic/rx'));
    await firstValueFrom(stomp.connected$);

    stomp.publish({ destination: '/topic/rx', body: 'hello' });

    expect((await message).body).toBe('hello');
    await stomp.deactivate();
  });

  it('asks and is answered, also after the server was restarted', async () => {
    const [asking, answering] = [await connect(), await connect()];
    const rpc = new asking.library.RxStompRPC(asking.stomp);
    answering.stomp.watch('/queue/rx-rpc').subscribe(({ body, headers }) => {
      const { 'reply-to': destination = '', 'correlation-id': id = '' } = headers;
      answering.stomp.publish({ destination, body: `re: ${body}`, headers: { 'correlation-id': id } });
    });
    const ask = async (body: string): Promise<string> =>
      (await firstValueFrom(rpc.rpc({ destination: '/queue/rx-rpc', body }))).body;

    expect(await Promise.all([ask('one'), ask('two')])).toEqual(['re: one', 're: two']);
    const isBack = [asking, answering].map(({ stomp }) => firstValueFrom(stomp.connected$.pipe(skip(1))));
    await broker.restart();
    await Promise.all(isBack);
    expect(await ask('three')).toBe('re: three');

    await Promise.all([asking, answering].map(({ stomp }) => stomp.deactivate()));
  });

  async function connect(): Promise<{ stomp: RxStomp; library: Library }> {
    const library = (await import(name)) as Library;
    const stomp = new library.RxStomp();
    stomp.configure({
      webSocketFactory: () => new WebSocket(broker.webSocketUrl, ['v12.stomp', 'v11.stomp', 'v10.stomp']),
      connectHeaders: { login: 'ada', passcode: 'x' },
      reconnectDelay: 10,
    });
    stomp.activate();
    await firstValueFrom(stomp.connected$);
    return { stomp, library };
  }
});
