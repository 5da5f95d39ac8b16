import { Refusal } from '../errors.js';
import type { Limits } from '../limits.js';
import { wholeNumberOf } from './header.js';

/** What was agreed on. */
export interface Heartbeat {
  /** CONNECTED's header, "sx,sy". */
  readonly header: string;
  /** ms between our beats at most; 0 for none. */
  readonly sendEveryMs: number;
  /** ms between theirs at most, before any margin; 0 for none. */
  readonly expectEveryMs: number;
}

/**
 * Agrees on heart-beat intervals: each side's greater wish wins. We can do what the client wants, within our limits.
 * @param theirs the CONNECT header "cx,cy" in ms: what the client can send, what it wants; absent means "0,0"
 * @throws {Refusal} invalid_header unless two non-negative integers
 * @see STOMP 1.2, Heart-beating
 */
export function negotiateHeartbeat(theirs: string | undefined, limits: HeartbeatLimits): Heartbeat {
  const [canSend, wants] = parse(theirs ?? '0,0');
  const weCanSend = clamp(wants, limits);
  const weWant = clamp(canSend, limits);
  return {
    header: `${weCanSend},${weWant}`,
    // "if <cx> is 0 … or <sy> is 0 … there will be none, otherwise … every MAX(<cx>,<sy>) milliseconds"
    sendEveryMs: wants === 0 ? 0 : Math.max(weCanSend, wants),
    expectEveryMs: canSend === 0 ? 0 : Math.max(canSend, weWant),
  };
}

type HeartbeatLimits = Pick<Limits, 'heartbeatMinMs' | 'heartbeatMaxMs'>;

// Eleven days; twice that still fits a timer of 31 bits.
const LONGEST_MS = 999_999_999;

function parse(header: string): [canSend: number, wants: number] {
  const [canSend, wants, ...more] = header.split(',', 3).map(wholeNumberOf);
  if (
    canSend === undefined ||
    wants === undefined ||
    more.length > 0 ||
    Math.max(canSend, wants) > LONGEST_MS
  ) {
    throw new Refusal(
      'invalid_header',
      `The header "heart-beat" must be two intervals in ms, such as 10000,10000, of ${LONGEST_MS} at most.`,
    );
  }
  return [canSend, wants];
}

function clamp(ms: number, { heartbeatMinMs, heartbeatMaxMs }: HeartbeatLimits): number {
  // A client that asks for no heart-beats gets none, but is told an interval that we could keep.
  return ms === 0 ? heartbeatMaxMs : Math.min(Math.max(ms, heartbeatMinMs), heartbeatMaxMs);
}
