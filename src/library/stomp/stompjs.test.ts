import { Buffer } from 'node:buffer';
import { FrameImpl, Parser } from '@stomp/stompjs';
import { describe, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { Decoder } from './decoder.js';
import { encode } from './encoder.js';

// An outside judge of both directions: the codec of the most common client, unmodified.
describe('the codec of stock stompjs', () => {
  const headers = { destination: '/topic/a', 'x-clock': 'at 10:30', 'x-path': 'C:\\new\n', 'x-empty': '' };
  const body = '{"text":"grüezi \u{1F514}"}';

  it('writes frames that are read as they were meant', () => {
    const decoder = new Decoder(limits);
    decoder.version = '1.2';

    decoder.push(written({ command: 'SEND', headers, body, escapeHeaderValues: true }));
    decoder.push(
      written({ command: 'SEND', headers, binaryBody: Uint8Array.of(0, 255, 0), escapeHeaderValues: true }),
    );
    decoder.push(
      written({ command: 'SEND', headers, body, escapeHeaderValues: true, skipContentLengthHeader: true }),
    );
    decoder.push(Buffer.from('\n'));

    const count = `${Buffer.byteLength(body)}`;
    expect(decoder.next()).toEqual(frame('SEND', { ...headers, 'content-length': count }, Buffer.from(body)));
    expect(decoder.next()).toEqual(
      frame('SEND', { ...headers, 'content-length': '3' }, Buffer.of(0, 255, 0)),
    );
    expect(decoder.next()).toEqual(frame('SEND', headers, Buffer.from(body)));
    expect(decoder.next()).toBeUndefined();
  });

  it('writes a CONNECT whose headers are read as they are', () => {
    const decoder = new Decoder(limits);
    const connect = {
      'accept-version': '1.2,1.1,1.0',
      'heart-beat': '10000,10000',
      login: 'ada',
      passcode: 'a:b\\c',
    };

    decoder.push(written({ command: 'CONNECT', headers: connect }));

    expect(decoder.next()).toEqual(frame('CONNECT', connect, Buffer.alloc(0)));
  });

  it.each(['text', 'binary'])('reads what we write, as %s', (kind) => {
    const received: FrameImpl[] = [];
    let beats = 0;
    const parser = new Parser(
      (raw) => received.push(FrameImpl.fromRawFrame(raw, true)),
      () => beats++,
    );
    const bytes = Buffer.concat([
      encode(
        {
          command: 'CONNECTED',
          headers: [
            ['session', 'a:b'],
            ['version', '1.2'],
          ],
        },
        '1.2',
      ),
      encode(
        {
          command: 'MESSAGE',
          headers: Object.entries({ ...headers, 'x-path': 'C:\\dir' }),
          body: Buffer.from(body),
        },
        '1.2',
      ),
      Buffer.from('\n'),
      encode({ command: 'RECEIPT', headers: [['receipt-id', '7']] }, '1.2'),
    ]);

    parser.parseChunk(kind === 'text' ? bytes.toString() : new Uint8Array(bytes).buffer);

    expect(received.map(({ command }) => command)).toEqual(['CONNECTED', 'MESSAGE', 'RECEIPT']);
    expect(received[0]?.headers).toEqual({ session: 'a:b', version: '1.2' });
    expect(received[1]?.headers).toMatchObject({ ...headers, 'x-path': 'C:\\dir' });
    expect(received[1]?.body).toBe(body);
    expect(beats).toBe(1);
  });
});

function written(params: ConstructorParameters<typeof FrameImpl>[0]): Buffer {
  const wire = new FrameImpl(params).serialize();
  return typeof wire === 'string' ? Buffer.from(wire) : Buffer.from(wire);
}

function frame(command: string, headers: Record<string, string>, body: Buffer): unknown {
  return { command, headers: new Map(Object.entries(headers)), body };
}
