import { describe, expect, it } from 'vitest';
import { codes, Refusal, type ClosingCode } from '../errors.js';
import { MemoryNode } from '../testing/memory-node.js';
import { ending } from './endings.js';
import { errorBody, errorHeaders, fault } from './error-frame.js';

type Sent = [command: string, headers: Record<string, string>];

const topic: Sent = ['SUBSCRIBE', { id: '1', destination: '/topic/a' }];

describe('a client is told what was wrong', () => {
  it.each<[string, Sent[]]>([
    ['missing_header: SEND needs the header destination.', [['SEND', {}]]],
    ['missing_header: SEND needs the header destination.', [['SEND', { destination: '' }]]],
    ['already_connected: This connection has had its CONNECT.', [['CONNECT', { login: 'ada' }]]],
    ['already_connected: This connection has had its CONNECT.', [['STOMP', { login: 'ada' }]]],
    ['unknown_command: "RECEIPT" isn\'t a command of a STOMP client.', [['RECEIPT', {}]]],
    [
      'invalid_header: The header ack is one of auto, client, client-individual.',
      [['SUBSCRIBE', { ...topic[1], ack: 'never' }]],
    ],
    [
      'invalid_header: The header gaps is message, or absent.',
      [['SUBSCRIBE', { ...topic[1], gaps: 'error' }]],
    ],
    [
      'invalid_header: The header prefetch-count is a whole number from 1.',
      [['SUBSCRIBE', { ...topic[1], 'prefetch-count': '0' }]],
    ],
    [
      'invalid_header: The header prefetch-count is a whole number from 1.',
      [['SUBSCRIBE', { ...topic[1], 'prefetch-count': 'many' }]],
    ],
    [
      'invalid_header: The header id has 255 characters at most.',
      [['SUBSCRIBE', { ...topic[1], id: 'x'.repeat(256) }]],
    ],
    ['missing_header: SUBSCRIBE needs the header id.', [['SUBSCRIBE', { destination: '/topic/a' }]]],
    ['duplicate_subscription: A subscription of that id is open; UNSUBSCRIBE it first.', [topic, topic]],
    ['unknown_subscription: ', [['UNSUBSCRIBE', { id: '9' }]]],
    ['forbidden: Only the application sends to /user.', [['SEND', { destination: '/user/queue/a' }]]],
    [
      'invalid_header: A SEND goes to one destination; * has no place in it.',
      [['SEND', { destination: '/topic/*' }]],
    ],
    [
      'invalid_header: The header expires is ms since 1970, or 0 for never.',
      [['SEND', { destination: '/queue/a', expires: 'soon' }]],
    ],
    [
      'invalid_header: The header expires is ms since 1970, or 0 for never.',
      [['SEND', { destination: '/queue/a', expires: '9'.repeat(20) }]],
    ],
    [
      'unknown_ack: No unsettled message of that id; it may have been settled before.',
      [topic, ['ACK', { id: 'x' }]],
    ],
    [
      'invalid_header: The header requeue is true or false.',
      [topic, ['NACK', { id: 'x', requeue: 'maybe' }]],
    ],
    ['forbidden: Your role may not SEND there.', [['SEND', { destination: '/topic/closed' }]]],
    [
      'forbidden: Your role may not SUBSCRIBE to that destination.',
      [['SUBSCRIBE', { id: '1', destination: '/topic/closed' }]],
    ],
  ])('%s', async (told, sent) => {
    const node = new MemoryNode({
      authorizer: { isAllowed: (_user, _verb, address) => address !== '/topic/closed' },
    });
    const client = await node.connected();

    for (const [command, headers] of sent) client.frame(command, headers);

    const { command, headers } = await client.next();
    expect(`${command} ${headers.get('code')}: ${headers.get('message')}`).toContain(`ERROR ${told}`);
    expect(await client.end()).toMatchObject({ reason: headers.get('code') });
  });

  it('STOMP 1.0 has no NACK', async () => {
    const client = await new MemoryNode().connected('ada', '1.0');

    client.frame('NACK', { 'message-id': '1' });

    expect((await client.next()).headers.get('message')).toBe('STOMP 1.0 has no NACK.');
  });

  it.each([['SEND'], ['SUBSCRIBE']])('%s before CONNECT', async (command) => {
    const client = new MemoryNode().client();

    client.frame(command, { id: '1', destination: '/topic/a' });

    expect((await client.next()).headers.get('message')).toBe('The first frame is CONNECT or STOMP.');
  });

  it('CONNECT without credentials', async () => {
    const client = new MemoryNode().client();

    const answer = await client.connect({ passcode: 'x' });

    expect(answer.headers.get('message')).toBe(
      'CONNECT needs Authorization: Bearer <token>, or login and passcode.',
    );
  });

  it('no CONNECT in time', async () => {
    const node = new MemoryNode();
    const client = node.client();

    node.clock.pass(5_000);

    expect((await client.next()).headers.get('message')).toBe('CONNECT has to come within 5000 ms.');
  });
});

describe('an ERROR', () => {
  it('has the code, whether to try again, and of the details those that are text', () => {
    const { code, message, details, retryAfterMs } = new Refusal<ClosingCode>('rate_limited', 'Slower.', {
      retryAfterMs: 12.3,
      details: { field: 'a', count: 3 },
    });

    const headers = errorHeaders({ code, message, details, retryAfterMs, answer: codes.rate_limited });

    expect(Object.fromEntries(headers)).toEqual({
      message: 'Slower.',
      code: 'rate_limited',
      retryable: 'true',
      'content-type': 'text/plain;charset=UTF-8',
      'retry-after-ms': '13',
      field: 'a',
    });
  });

  it('says nothing of when to try again, where nothing is known of it', () => {
    expect(Object.fromEntries(errorHeaders(fault))).not.toHaveProperty('retry-after-ms');
  });

  it.each<[string, Record<string, string>, string]>([
    ['no header', {}, 'with no headers.'],
    ['names, no values', { a: 'secret', 'b\n': 'secret' }, 'with these headers: "a", "b\\n".'],
    ['long names cut', { ['x'.repeat(100)]: '' }, `with these headers: "${'x'.repeat(64)}".`],
  ])('shows the frame: %s', (_, headers, shown) => {
    expect(errorBody('Bad.', { command: 'SEND', headers: new Map(Object.entries(headers)) })).toBe(
      `Bad.\n\nThe frame was SEND, ${shown}\n`,
    );
  });

  it.each([
    [20, /"h19"\.\n$/],
    [21, /"h19", 1 more\.\n$/],
  ])('shows twenty names of %i', (count, shown) => {
    const headers = new Map(Array.from({ length: count }, (_, i) => [`h${i}`, '']));

    expect(errorBody('Bad.', { command: 'SEND', headers })).toMatch(shown);
  });

  it('without a frame is the sentence alone', () => {
    expect(errorBody('Gone.', undefined)).toBe('Gone.');
  });
});

it.each<[ClosingCode, string, number | undefined]>([
  ['auth_expired', 'The token has expired; connect with a new one.', undefined],
  ['auth_revoked', 'The login was ended; sign in again.', undefined],
  ['heartbeat_timeout', 'Nothing was heard for longer than the heart-beats allow.', undefined],
  ['slow_consumer', 'Too many messages are unsettled or unread; connect again and read on.', undefined],
  ['rate_limited', 'More was sent than can be taken; send slower.', 1_000],
  ['server_drain', 'This node is going away; connect again.', undefined],
  ['internal_error', 'The connection ends.', undefined],
])('what ends by %s is told: %s', (code, message, retryAfterMs) => {
  expect(ending(code)).toMatchObject({ code, message, retryAfterMs });
});
