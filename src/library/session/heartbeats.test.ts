import { describe, expect, it } from 'vitest';
import type { ClosingCode } from '../errors.js';
import { FakeClock } from '../testing/fake-clock.js';
import { Heartbeats } from './heartbeats.js';
import type { Wire } from './ports.js';

describe('our beats', () => {
  it('come a tenth early, and each counts from the one before', () => {
    const { log } = start({ sendEveryMs: 1_000, expectEveryMs: 0 });

    log.pass(3_000);

    expect(log.of('beat')).toEqual([900, 1_800, 2_700]);
  });

  it('count from the last frame that was sent', () => {
    const { beats, log } = start({ sendEveryMs: 1_000, expectEveryMs: 0 });
    log.pass(500);

    beats.sent();
    log.pass(899);
    expect(log.of('beat')).toEqual([]);
    log.pass(1);

    expect(log.of('beat')).toEqual([1_400]);
  });

  it('come together with those of others: within the last hundredth of their interval', () => {
    const clock = new FakeClock();
    clock.pass(7);
    const { log } = start({ sendEveryMs: 1_000, expectEveryMs: 0, clock });

    log.pass(2_000);

    // On tens: 900 after 7 would be 907.
    expect(log.of('beat')).toEqual([900, 1_800]);
  });

  it('are none, where the interval is 0', () => {
    const { log, clock } = start({ sendEveryMs: 0, expectEveryMs: 0 });

    log.pass(100_000);

    expect(log.entries).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('end when the beat itself ends the session', () => {
    const { log, clock } = start({
      sendEveryMs: 1_000,
      expectEveryMs: 0,
      onBeat: (beats) => beats.stop(),
    });

    log.pass(10_000);

    expect(log.of('beat')).toEqual([900]);
    expect(clock.pending).toBe(0);
  });

  it('and all timers end with the session', () => {
    const { beats, log, clock } = start({ sendEveryMs: 1_000, expectEveryMs: 1_000 });

    beats.stop();
    log.pass(100_000);

    expect(log.entries).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('their silence', () => {
  it('of one interval is asked about, and of a second ends the session', () => {
    const { log } = start({ sendEveryMs: 0, expectEveryMs: 1_000 });

    log.pass(1_999);
    expect(log.entries).toEqual([['probe', 1_000]]);
    log.pass(1);

    expect(log.entries).toEqual([
      ['probe', 1_000],
      ['heartbeat_timeout', 2_000],
    ]);
  });

  it('is counted from the last that was heard', () => {
    const { beats, log } = start({ sendEveryMs: 0, expectEveryMs: 1_000 });
    log.pass(400);

    beats.heard();
    log.pass(999);
    expect(log.entries).toEqual([]);
    log.pass(1);

    expect(log.entries).toEqual([['probe', 1_400]]);
  });

  it('that an answer breaks is asked about again an interval later', () => {
    const { beats, log } = start({ sendEveryMs: 0, expectEveryMs: 1_000 });
    log.pass(1_500);

    beats.heard();
    log.pass(1_500);

    expect(log.entries).toEqual([
      ['probe', 1_000],
      ['probe', 2_500],
    ]);
  });

  it('of a transport that needs longer is borne for as long as that needs', () => {
    const { log } = start({ sendEveryMs: 0, expectEveryMs: 1_000, silenceMarginMs: 5_000 });

    log.pass(5_999);
    expect(log.entries).toEqual([['probe', 1_000]]);
    log.pass(1);

    expect(log.of('heartbeat_timeout')).toEqual([6_000]);
  });

  it('while this process stood still is no silence: it is asked about first, with the whole margin', () => {
    const { log, clock } = start({ sendEveryMs: 0, expectEveryMs: 1_000 });
    clock.keepBusy(60_000);

    log.pass(999);
    expect(log.entries).toEqual([['probe', 60_000]]);
    log.pass(1);

    expect(log.of('heartbeat_timeout')).toEqual([61_000]);
  });

  it('of a big message that is on its way is none: its bytes are heard', () => {
    let receivedBytes = 5;
    const { log } = start({ sendEveryMs: 0, expectEveryMs: 1_000, receivedBytes: () => receivedBytes });
    log.pass(1_500);

    receivedBytes = 6;
    log.pass(1_500);
    expect(log.of('heartbeat_timeout')).toEqual([]);
    log.pass(2_000);

    expect(log.entries).toEqual([
      ['probe', 1_000],
      ['probe', 3_000],
      ['heartbeat_timeout', 4_000],
    ]);
  });

  it('says nothing while the socket isn’t read, and counts from when it is read again', () => {
    const { beats, log } = start({ sendEveryMs: 0, expectEveryMs: 1_000 });

    beats.stopListening();
    log.pass(10_500);
    expect(log.entries).toEqual([]);
    beats.listenAgain();
    log.pass(999);
    expect(log.entries).toEqual([]);
    log.pass(1_001);

    expect(log.of('probe')).toEqual([11_500]);
  });
});

interface Setting {
  readonly sendEveryMs: number;
  readonly expectEveryMs: number;
  readonly clock?: FakeClock;
  readonly silenceMarginMs?: number;
  readonly receivedBytes?: () => number;
  readonly onBeat?: (beats: Heartbeats) => void;
}

/** Heart-beats on a wire that writes down what comes, and when. */
function start({ clock = new FakeClock(), silenceMarginMs = 0, ...setting }: Setting): {
  beats: Heartbeats;
  clock: FakeClock;
  log: Log;
} {
  const log = new Log(clock);
  const wire: Pick<Wire, 'send' | 'probe' | 'silenceMarginMs' | 'receivedBytes'> = {
    silenceMarginMs,
    get receivedBytes(): number {
      return setting.receivedBytes?.() ?? 0;
    },
    send(frame) {
      expect(frame).toEqual(Uint8Array.of(0x0a));
      log.write('beat');
      setting.onBeat?.(beats);
    },
    probe() {
      log.write('probe');
      return true;
    },
  };
  const beats: Heartbeats = new Heartbeats(setting, wire as Wire, clock, {
    terminate: (code) => log.write(code),
  });
  return { beats, clock, log };
}

class Log {
  readonly entries: [what: 'beat' | 'probe' | ClosingCode, atMs: number][] = [];

  constructor(private readonly clock: FakeClock) {}

  write(what: 'beat' | 'probe' | ClosingCode): void {
    this.entries.push([what, this.clock.monotonic()]);
  }

  of(wanted: 'beat' | 'probe' | ClosingCode): number[] {
    return this.entries.filter(([what]) => what === wanted).map(([, atMs]) => atMs);
  }

  pass(ms: number): void {
    this.clock.pass(ms);
  }
}
