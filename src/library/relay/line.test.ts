import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ownPostgres, ownRabbitmq, ownRedis, type Engine, type EngineKind } from '../../../test/engines.js';
import { configurationsIn } from '../../../test/proxies/proxy.js';
import { tcpProxy, type TcpProxy } from '../../../test/tcp-proxy.js';
import { limits } from '../limits.js';
import { lineFor } from './line-for.js';
import type { Line, LineEvents } from './line.js';
import { MemoryHub, type MemoryLine } from './memory-line.js';

/** What the suite needs of an engine. */
interface Rig {
  line(given?: Partial<typeof limits>): Promise<Line>;
  /** A line whose way to the engine can break. */
  breakable(given?: Partial<typeof limits>): Promise<Breakable>;
  kill(): Promise<void>;
  restart(): Promise<void>;
  end(): Promise<void>;
}

interface Breakable {
  readonly line: Line;
  cut(): void;
  /** Nothing comes through and nothing is closed. */
  hang(): void;
  flow(): void;
}

const quick = { relayRetryMs: 50 };

const kinds = [
  { name: 'memory', isHere: true, start: memoryRig },
  ...[ownPostgres, ownRedis, ownRabbitmq].map((kind) => ({ ...kind, start: () => engineRig(kind) })),
];

describe.each(kinds)('a line through $name', ({ isHere, start }) => {
  let rig: Rig;
  const opened: Line[] = [];

  beforeAll(async () => {
    if (isHere) rig = await start();
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((line) => line.close()));
  });

  afterAll(() => rig?.end());

  async function open(line: Line): Promise<Ear> {
    opened.push(line);
    const ear = new Ear(line);
    await line.open(ear);
    return ear;
  }

  const two = async () => [await open(await rig.line()), await open(await rig.line())] as const;

  it.runIf(isHere)('brings the payloads of a channel in the order in which they were sent', async () => {
    const [here, there] = await two();
    const channel = name();
    await there.line.listen([channel]);

    for (let n = 0; n < 10_000; n += 1) {
      expect(here.line.send(channel, Buffer.from(`${n}`))).toBe(true);
      if (n % 100 === 0) await Promise.resolve();
    }

    const heard = await there.until(10_000);
    expect(heard.map(String)).toEqual(Array.from({ length: 10_000 }, (_, n) => `${n}`));
  });

  it.runIf(isHere)('hears what any other sends as soon as listen is done', { timeout: 120_000 }, async () => {
    const [here, there] = await two();

    for (let n = 0; n < 500; n += 1) {
      const channel = name();
      await there.line.listen([channel]);
      here.line.send(channel, Buffer.from(`${n}`));
      expect(String((await there.until(n + 1)).at(-1))).toBe(`${n}`);
      if (n % 2) there.line.unlisten([channel]);
    }
  });

  it.runIf(isHere)('brings payloads of every length and octet, equal ones too', async () => {
    const [here, there] = await two();
    const channel = name();
    await there.line.listen([channel]);
    const octets = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));
    const payloads = [
      Buffer.alloc(0),
      Buffer.from('a'),
      octets,
      octets,
      octets.subarray(7, 131),
      randomBytes(here.line.largest),
    ];

    for (const payload of payloads.slice(0, 5)) here.line.send(channel, payload);
    await there.until(5);
    here.line.send(channel, payloads[5] ?? octets);

    const heard = await there.until(6);
    expect(heard.map((payload) => payload.equals(payloads[heard.indexOf(payload)] ?? octets))).toEqual(
      Array(6).fill(true),
    );
  });

  it.runIf(isHere)('refuses a payload over the largest', async () => {
    const [here] = await two();

    expect(here.line.send(name(), Buffer.alloc(here.line.largest + 1))).toBe(false);
    expect(here.line.unsentBytes()).toBe(0);
  });

  it.runIf(isHere)('hears what it sends itself', async () => {
    const [here] = await two();
    const channel = name();
    await here.line.listen([channel]);

    here.line.send(channel, Buffer.from('mine'));

    expect((await here.until(1)).map(String)).toEqual(['mine']);
  });

  it.runIf(isHere)('hears no channel that it left, and none of another name', async () => {
    const [here, there] = await two();
    const [left, kept] = [`one:${name()}`, `two:${name()}`];
    await there.line.listen([left, kept, kept]);
    there.line.unlisten([left]);

    here.line.send(left, Buffer.from('left'));
    here.line.send(`${kept}x`, Buffer.from('longer'));
    here.line.send(kept.toUpperCase(), Buffer.from('upper'));
    here.line.send(kept, Buffer.from('kept'));

    expect((await there.until(1)).map(String)).toEqual(['kept']);
    expect(there.channels).toEqual([kept]);
  });

  it.runIf(isHere)('hears a channel again that it left and listens to anew', async () => {
    const [here, there] = await two();
    const channel = name();
    await there.line.listen([channel]);
    there.line.unlisten([channel]);
    await there.line.listen([channel]);

    here.line.send(channel, Buffer.from('again'));

    expect((await there.until(1)).map(String)).toEqual(['again']);
  });

  it.runIf(isHere)('listens to 2,048 channels', async () => {
    const [here, there] = await two();
    const channels = Array.from({ length: 2_048 }, (_, n) => `${name()}:${n}`);
    await there.line.listen(channels);

    for (const channel of channels) here.line.send(channel, Buffer.from(channel));

    expect((await there.until(2_048)).map(String).toSorted()).toEqual(channels.toSorted());
  });

  it.runIf(isHere)('goes on when its listener throws', async () => {
    const [here, there] = await two();
    const channel = name();
    await there.line.listen([channel]);
    there.onHeard = () => {
      throw new Error('a listener threw');
    };

    for (const text of ['1', '2', '3']) here.line.send(channel, Buffer.from(text));

    expect((await there.until(3)).map(String)).toEqual(['1', '2', '3']);
    expect(there.states).toEqual(['up']);
  });

  it.runIf(isHere)('that is cut is away, sends nothing, and hears again what it listened to', async () => {
    const here = await open(await rig.line());
    const { line, cut } = await rig.breakable(quick);
    const there = await open(line);
    const [channel, later] = [name(), name()];
    await there.line.listen([channel]);
    here.line.send(channel, Buffer.from('before'));
    await there.until(1);

    cut();
    await there.untilState('away');
    const sent = there.line.send(channel, Buffer.from('lost'));
    await there.line.listen([later]);
    await there.untilState('up', 2);
    for (const text of ['1', '2']) here.line.send(channel, Buffer.from(text));
    here.line.send(later, Buffer.from('3'));

    expect(sent).toBe(false);
    expect((await there.until(4)).map(String)).toEqual(['before', '1', '2', '3']);
    expect(there.states).toEqual(['up', 'away', 'up']);
  });

  it.runIf(isHere)(
    'whose engine hangs is away, keeps no more than its outbox meanwhile, and comes back',
    async () => {
      const here = await open(await rig.line());
      const { line, hang, flow } = await rig.breakable({
        ...quick,
        relayAliveMs: 1_000,
        relayOutboxBytes: 1e6,
      });
      const there = await open(line);
      const channel = name();
      await there.line.listen([channel]);

      hang();
      const payload = Buffer.alloc(5_000);
      let sent = 0;
      const unsent: number[] = [];
      while (there.line.send(name(), payload)) {
        sent += 1;
        unsent.push(there.line.unsentBytes());
        // What the socket's buffers take is sent for all that the line knows.
        if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
        if (sent > 100_000) throw new Error('the outbox has no end');
      }
      const drained = new Promise<void>((resolve) => line.onDrain(resolve));
      await there.untilState('away');
      await drained;
      flow();
      await there.untilState('up', 2);
      here.line.send(channel, Buffer.from('after'));

      expect(Math.max(...unsent)).toBeLessThanOrEqual(1e6);
      expect(String((await there.until(1)).at(-1))).toBe('after');
      expect(line.unsentBytes()).toBe(0);
    },
  );

  it.runIf(isHere)(
    'that reads nothing of 16 MiB hears them late, or is away; never twice and never mixed',
    async () => {
      const here = await open(await rig.line());
      const { line, hang, flow } = await rig.breakable(quick);
      const there = await open(line);
      const channel = name();
      await there.line.listen([channel]);

      hang();
      for (let n = 0; n < 4_096;) {
        if (here.line.send(channel, Buffer.from(`${n}`.padStart(4_096, ' ')))) n += 1;
        else await new Promise<void>((resolve) => here.line.onDrain(resolve));
      }
      flow();
      for (let n = 0; !there.has('last'); n += 1) {
        here.line.send(channel, Buffer.from('last'));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }

      const numbers = there
        .heardTexts()
        .filter((text) => text !== 'last')
        .map(Number);
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    },
  );

  it.runIf(isHere)('survives the death of its engine', { timeout: 120_000 }, async () => {
    const here = await open(await rig.line(quick));
    const there = await open(await rig.line(quick));
    const channels = Array.from({ length: 600 }, () => name());
    const [channel = ''] = channels;
    await there.line.listen(channels);

    await rig.kill();
    await Promise.all([here.untilState('away'), there.untilState('away')]);
    const sent = here.line.send(channel, Buffer.from('lost'));
    await rig.restart();
    await Promise.all([here.untilState('up', 2), there.untilState('up', 2)]);
    for (const [n, each] of channels.entries()) here.line.send(each, Buffer.from(`${n}`));

    expect(sent).toBe(false);
    expect((await there.until(600)).map(String).toSorted()).toEqual(
      channels.map((_, n) => `${n}`).toSorted(),
    );
    expect(here.states).toEqual(['up', 'away', 'up']);
  });

  it.runIf(isHere)('opens without its engine after a while, and connects when it is there', async () => {
    await rig.kill();
    const late = await open(await rig.line({ ...quick, relayStartMs: 100 }));
    const before = [...late.states];
    await late.line.listen(['early']);
    await rig.restart();
    await late.untilState('up');
    late.line.send('early', Buffer.from('heard'));

    expect(before).not.toContain('up');
    expect((await late.until(1)).map(String)).toEqual(['heard']);
  });

  it.runIf(isHere)('sends first what waits when it is closed, and then tells nothing', async () => {
    const [here, there] = await two();
    const channel = name();
    await Promise.all([here.line.listen([channel]), there.line.listen([channel])]);

    for (let n = 0; n < 100; n += 1) here.line.send(channel, Buffer.from(`${n}`));
    await here.line.close();
    const heardBefore = here.heardTexts().length;
    there.line.send(channel, Buffer.from('late'));

    expect((await there.until(101)).length).toBe(101);
    expect(here.heardTexts().length).toBe(heardBefore);
    expect(here.states).toEqual(['up']);
    expect(here.line.send(channel, Buffer.from('closed'))).toBe(false);
  });

  it.runIf(isHere)('leaves no socket when it is closed, in whatever state', async () => {
    const connected = new Ear(await rig.line());
    await connected.line.open(connected);
    await connected.line.listen([name()]);
    const { line, hang, flow } = await rig.breakable({ relayStartMs: 100 });
    hang();
    const hanging = new Ear(line);
    await line.open(hanging);

    await Promise.all([connected.line.close(), line.close()]);
    flow();

    await expect.poll(sockets, { timeout: 10_000 }).toEqual([]);
  });
});

describe('a line', () => {
  const engines: Engine[] = [];

  afterEach(async () => {
    await Promise.all(engines.splice(0).map((engine) => engine.end()));
  });

  async function startEngine(kind: EngineKind): Promise<Engine> {
    const engine = await kind.start();
    engines.push(engine);
    return engine;
  }

  it.each([
    ['redis://reader:s3cret-word@127.0.0.1:6379', ownRedis],
    ['postgres://postgres:s3cret-word@127.0.0.1:5432/no_such_database', ownPostgres],
    ['amqp://guest:s3cret-word@127.0.0.1:5672', ownRabbitmq],
  ])('that is refused says so without its password: %s', async (example, kind) => {
    if (!kind.isHere) return;
    const engine = await startEngine(kind);
    const url = new URL(example);
    url.port = `${engine.port}`;
    const line = await lineFor(url.href, { ...limits, relayStartMs: 10 });
    const ear = new Ear(line);

    await line.open(ear);
    await ear.untilState('away');
    await line.close();

    expect(inspect(ear.causes, { depth: 9 })).toMatch(/at 127\.0\.0\.1:\d+: \w+/);
    expect(inspect(ear.causes, { depth: 9, showHidden: true })).not.toContain('s3cret-word');
  });

  it.each([
    [ownPostgres, 'sql', 'postgres://relay:secret@127.0.0.1:0/carillon'],
    [ownRedis, 'redis', 'redis://relay:secret@127.0.0.1:0'],
    [ownRabbitmq, 'rabbitmq', 'amqp://relay:secret@127.0.0.1:0/carillon'],
  ])('needs no more rights than docs/scale-out.md gives it: $name', async (kind, language, template) => {
    if (!kind.isHere) return;
    const [rights = ''] = await configurationsIn('docs/scale-out.md', language);
    const engine = await startEngine(kind);
    const url = new URL(template);
    url.port = `${engine.port}`;
    if (kind === ownPostgres) await engine.administer('create database carillon');
    for (const command of rights.trim().split('\n')) await engine.administer(command);
    const line = await lineFor(url.href, { ...limits, relayAliveMs: 1_000 });
    const ear = new Ear(line);

    await line.open(ear);
    await line.listen(['clinic:1:n', 'clinic:1:u.7']);
    line.unlisten(['clinic:1:n']);
    line.send('clinic:1:u.7', Buffer.from('allowed'));
    const heard = (await ear.until(1)).map(String);
    // Long enough for it to ask whether the engine is there.
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    await line.close();

    expect(heard).toEqual(['allowed']);
    // It may have been late on a busy machine; it wasn't refused.
    expect(ear.causes.filter(({ message }) => !message.includes('no answer'))).toEqual([]);
  });

  it.each(['nats://a:s3cret-word@host', 'sqlite:x', 's3cret-word'])('is refused for %s', async (url) => {
    const refused = await lineFor(url, limits).catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(Error);
    expect(inspect(refused, { depth: 9, showHidden: true })).not.toContain('s3cret-word');
  });
});

/** Hears, and notes in which states its line is. */
class Ear implements LineEvents {
  readonly states: ('up' | 'away')[] = [];
  readonly channels: string[] = [];
  readonly causes: Error[] = [];
  onHeard: () => void = () => {};
  readonly #heard: Buffer[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(readonly line: Line) {}

  heard(channel: string, payload: Uint8Array): void {
    this.channels.push(channel);
    this.#heard.push(Buffer.from(payload));
    this.#wake();
    this.onHeard();
  }

  up(): void {
    this.states.push('up');
    this.#wake();
  }

  away(cause: Error): void {
    this.states.push('away');
    this.causes.push(cause);
    this.#wake();
  }

  heardTexts(): string[] {
    return this.#heard.map(String);
  }

  has(text: string): boolean {
    return this.#heard.some((payload) => payload.equals(Buffer.from(text)));
  }

  async until(count: number): Promise<readonly Buffer[]> {
    await this.#when(() => this.#heard.length >= count);
    return this.#heard;
  }

  async untilState(state: 'up' | 'away', times = 1): Promise<void> {
    await this.#when(() => this.states.filter((each) => each === state).length >= times);
  }

  async #when(isSo: () => boolean): Promise<void> {
    while (!isSo())
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

async function memoryRig(): Promise<Rig> {
  const hub = new MemoryHub();
  return {
    line: async (given) => hub.line({ ...limits, ...given }),
    async breakable(given) {
      const line = hub.line({ ...limits, ...given });
      return { line, ...breaks(line) };
    },
    kill: async () => hub.stop(),
    restart: async () => hub.start(),
    end: async () => {},
  };
}

function breaks(line: MemoryLine): Omit<Breakable, 'line'> {
  return {
    cut() {
      line.cut();
      setTimeout(() => line.mend(), 10);
    },
    hang() {
      line.hold();
      line.stall();
      setTimeout(() => line.cut(), 500);
    },
    flow() {
      line.release();
      line.flow();
      line.mend();
    },
  };
}

async function engineRig(kind: EngineKind): Promise<Rig> {
  const engine: Engine = await kind.start();
  const proxies: TcpProxy[] = [];
  return {
    line: (given) => lineFor(engine.url, { ...limits, ...given }),
    async breakable(given) {
      const proxy = await tcpProxy({ host: '127.0.0.1', port: engine.port });
      proxies.push(proxy);
      const url = new URL(engine.url);
      url.port = `${proxy.port}`;
      const line = await lineFor(url.href, { ...limits, ...given });
      return { line, cut: () => proxy.cut(), hang: () => proxy.hang(), flow: () => proxy.flow() };
    },
    kill: () => engine.kill(),
    restart: () => engine.restart(),
    async end() {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await engine.end();
    },
  };
}

function sockets(): readonly string[] {
  return process.getActiveResourcesInfo().filter((each) => each === 'TCPSocketWrap');
}

function name(): string {
  return `test:${randomBytes(6).toString('hex')}`;
}
