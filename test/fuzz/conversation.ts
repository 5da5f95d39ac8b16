import type { Version } from '../../src/library/stomp/version.js';
import { clientFrame } from '../conformance/client-frame.js';
import { connectHeaders } from '../conformance/lab.js';
import type { Random } from './random.js';

/** What a client might say, from CONNECT on: valid, if not always sensible. */
export function conversation(version: Version, random: Random): Buffer[] {
  const headers = connectHeaders(version, random.oneOf(['ada', 'bob']));
  const beats = random.once(2) ? { 'heart-beat': random.oneOf(['0,1000', '5000,0', '1000,2000']) } : {};
  const frames = [clientFrame(version, 'CONNECT', { ...headers, ...beats })];
  for (let i = random.below(12); i >= 0; i--) frames.push(frame(version, random));
  return frames;
}

function frame(version: Version, random: Random): Buffer {
  const id = random.oneOf(['1', '2', 'x:y']);
  const transaction = random.oneOf(['t', 'u']);
  const receipt = random.once(3) ? { receipt: `r${random.below(100)}` } : {};
  const held = random.once(4) ? { transaction } : {};
  const message = `0-q-${random.below(10)}`;
  const write = (command: string, headers: Record<string, string>, body = ''): Buffer =>
    clientFrame(version, command, { ...headers, ...receipt }, body);
  switch (random.below(10)) {
    case 0:
    case 1:
      return write('SUBSCRIBE', {
        id,
        destination: destination(random),
        ack: random.oneOf(['auto', 'client']),
      });
    case 2:
      return write('UNSUBSCRIBE', { id });
    case 3:
      return write(random.oneOf(['ACK', 'NACK']), {
        ...held,
        ...{ id: message, 'message-id': message.slice(2), subscription: id },
      });
    case 4:
      return write('BEGIN', { transaction });
    case 5:
      return write(random.oneOf(['COMMIT', 'ABORT']), { transaction });
    case 6:
      return random.once(5) ? write('DISCONNECT', {}) : Buffer.from('\n');
    default:
      return write(
        'SEND',
        { ...held, destination: destination(random), note: noteOf(version, random) },
        'hello '.repeat(random.below(5)),
      );
  }
}

/** What other versions can't say, or say otherwise. */
function noteOf(version: Version, random: Random): string {
  return version === '1.0' ? 'a: b\\' : random.oneOf(['a: b\\', 'a\nmessage-id:1\n\nMESSAGE', 'a\rb', '']);
}

function destination(random: Random): string {
  return random.oneOf([
    ...(['/topic/a', '/topic/a.b', '/queue/a', '/queue/b', '/user/queue/errors'] as const),
    ...['/app/quick', '/app/slow', '/app/broken', '/app/answer', '/topic/*'],
  ]);
}
