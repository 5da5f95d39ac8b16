import { expect, it } from 'vitest';
import type { Status } from '../realtime/status.js';
import { connectionWords } from './connection-words.js';

const now = 1_000_000;

it.each<[Status, string]>([
  [{ state: 'live', transport: 'websocket', role: 'leader', since: 0 }, 'Live - WebSocket'],
  [{ state: 'live', transport: 'xhr-streaming', role: 'solo', since: 0 }, 'Live - SockJS xhr-streaming'],
  [{ state: 'live', transport: 'xhr-polling', role: 'solo', since: 0 }, 'Live - SockJS xhr-polling'],
  [
    { state: 'live', transport: 'websocket', role: 'follower', since: 0 },
    'Live - WebSocket, via another tab',
  ],
  [
    { state: 'waiting', attempt: 3, nextAttemptAt: now + 3_200, downSince: 0, cause: 'network' },
    'Reconnecting, next try in 4 s',
  ],
  [
    { state: 'waiting', attempt: 3, nextAttemptAt: now - 50, downSince: 0, cause: 'network' },
    'Reconnecting, next try in 0 s',
  ],
  [{ state: 'offline', attempt: 3, nextAttemptAt: now + 3_200, downSince: 0 }, 'Offline'],
  [{ state: 'stopped', code: 'forbidden', downSince: 0 }, 'Not connected'],
])('%j is said as %j', (status, label) => {
  expect(connectionWords(status, now).detail).toBe(label);
});
