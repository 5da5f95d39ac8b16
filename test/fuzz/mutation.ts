import type { Random } from './random.js';

/** What parsers stumble over. */
const BAITS = [
  ...[
    '\0',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    '\0\n',
    ':',
    '\\',
    '\\r',
    '\\t',
    '\\n',
    ' ',
    '\t',
    '\ufffd',
    '\u2028',
  ],
  ...[
    'content-length:0\n',
    'content-length:-1\n',
    'content-length:99999999999999999999\n',
    'content-length:5\n',
  ],
  ...['receipt:1\n', 'transaction:t\n', 'id:1\n', 'ack:client\n', 'destination:/topic/a\n', 'version:1.0\n'],
  ...['__proto__:x\n', 'constructor:x\n', 'message-id:x\n', 'expires:1\n', 'prefetch-count:1\n'],
  ...[
    'MESSAGE\n\n\0',
    'SEND\n',
    'CONNECT\n\n\0',
    'DISCONNECT\n\n\0',
    'COMMIT\ntransaction:t\n\n\0',
    '\0\0\0\0',
  ],
  ...['/queue/a', '/user/bob/queue/a', '/topic/**', '/app/broken', '*', '/'],
].map((bait) => Buffer.from(bait)) as [Buffer, ...Buffer[]];

/** The same bytes with a few faults in them. */
export function mutated(bytes: Buffer, random: Random): Buffer {
  let result = bytes;
  for (let faults = random.below(4); faults >= 0; faults--) result = mutatedOnce(result, random);
  return result;
}

function mutatedOnce(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const length = random.below(Math.min(40, bytes.length - at + 1));
  const [before, piece, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ];
  switch (random.below(7)) {
    case 0:
      return Buffer.concat([before, Buffer.of(random.below(256)), after]);
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, piece, piece, after]);
    case 3:
      return Buffer.concat([before, piece.toReversed(), after]);
    case 4:
      return Buffer.concat([
        before,
        Buffer.alloc(random.below(3_000), piece.length > 0 ? piece : 'x'),
        after,
      ]);
    default:
      return Buffer.concat([before, random.oneOf(BAITS), piece, after]);
  }
}

/** The same bytes in pieces. */
export function cutUp(bytes: Buffer, random: Random): Buffer[] {
  const longest = random.oneOf([1, 7, 100, 5_000]);
  const pieces = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + 1 + random.below(longest);
    pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return pieces;
}
