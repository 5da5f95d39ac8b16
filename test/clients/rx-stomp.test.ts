import { firstValueFrom } from 'rxjs';
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
  watch(destination: string): Observable<{ readonly body: string }>;
  publish(message: { readonly destination: string; readonly body: string }): void;
  readonly connected$: Observable<unknown>;
}

const name = '@stomp/rx-stomp';
const isThere = isInstalled(name);

describe.skipIf(!isThere)(isThere ? name : `${name} (the package is not installed)`, () => {
  let broker: RunningBroker;
  beforeAll(async () => (broker = await startBroker()));
  afterAll(() => broker.stop());

  it('connects, watches a destination and publishes to it', async () => {
    const library = (await import(name)) as { RxStomp: new () => RxStomp };
    const stomp = new library.RxStomp();
    stomp.configure({
      webSocketFactory: () => new WebSocket(broker.webSocketUrl, ['v12.stomp', 'v11.stomp', 'v10.stomp']),
      connectHeaders: { login: 'ada', passcode: 'x' },
    });
    stomp.activate();
    const message = firstValueFrom(stomp.watch('/topic/rx'));
    await firstValueFrom(stomp.connected$);

    stomp.publish({ destination: '/topic/rx', body: 'hello' });

    expect((await message).body).toBe('hello');
    await stomp.deactivate();
  });
});
