import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { MemoryHub } from '../relay/memory-line.js';
import { anybody } from '../testing/anybody.js';
import { TestClient } from '../testing/test-client.js';
import { DestinationVariable, MessageMapping, Payload } from './decorators.js';
import { MessagingModule } from './messaging.module.js';
import type { MessageConverter } from './payload.js';
import { MessagingTemplate } from './template.js';

/** `lisp (a b)`, which is enough to tell it from JSON. */
const lisp: MessageConverter = {
  contentType: 'application/lisp',
  encode: (value) => Buffer.from(`(${[...(value as Set<string>)].join(' ')})`),
  decode(body) {
    const text = Buffer.from(body).toString();
    if (!text.startsWith('(')) throw new SyntaxError('no list');
    return new Set(text.slice(1, -1).split(' '));
  },
  accepts: (value) => value instanceof Set,
};

const heard: unknown[] = [];

class Ear {
  @MessageMapping('/hear/{what}')
  hear(@DestinationVariable('what') _what: string, @Payload() payload: unknown): unknown {
    heard.push(payload);
    return payload;
  }
}

const options = { authenticator: anybody, authorizer: { isAllowed: () => true } };

@Module({
  imports: [MessagingModule.forRoot({ ...options, converters: [lisp] })],
  providers: [Ear],
})
class TestModule {}

let application: INestApplicationContext;
let template: MessagingTemplate;
const connect = (login: string): Promise<TestClient> => TestClient.connect(application, { login });

beforeAll(async () => {
  application = await NestFactory.createApplicationContext(TestModule, { logger: false });
  template = application.get(MessagingTemplate);
});
afterAll(() => application.close());

describe('the template', () => {
  it.each([
    ['text', 'hi', 'text/plain;charset=UTF-8', 'hi'],
    ['bytes', Buffer.from('hi'), 'application/octet-stream', 'hi'],
    ['null', null, 'application/json', 'null'],
    ['an object', { a: 1 }, 'application/json', '{"a":1}'],
    ['what a converter accepts', new Set(['a', 'b']), 'application/lisp', '(a b)'],
  ])('sends %s as it is', async (_, payload, contentType, body) => {
    const news = await (await connect('ada')).subscribe('/topic/news');

    template.convertAndSend('/topic/news', payload);

    const message = await news.next();
    expect([message.headers.get('content-type'), message.body]).toEqual([contentType, body]);
  });

  it('passes headers on, and lets content-type choose', async () => {
    const news = await (await connect('ada')).subscribe('/topic/news');

    template.convertAndSend(
      '/topic/news',
      { a: 1 },
      { 'content-type': 'application/vnd.a+json', lang: 'de' },
    );

    const { headers, body } = await news.next();
    expect([headers.get('content-type'), headers.get('lang'), body]).toEqual([
      'application/vnd.a+json',
      'de',
      '{"a":1}',
    ]);
  });

  it.each([
    ['of a type that nobody speaks', '/topic/x', {}, { 'content-type': 'application/yaml' }, 'no converter'],
    ['that JSON has no words for', '/topic/x', () => {}, {}, 'a function is nothing that JSON can say'],
    ['to a queue', '/queue/x', 'x', {}, 'await enqueue()'],
    ['to nowhere', 'topic/x', 'x', {}, 'publish to /topic/'],
  ])('refuses to publish %s', (_, address, payload, headers, words) => {
    expect(() => template.convertAndSend(address, payload, headers)).toThrow(words);
  });

  it('encodes a user’s name, slashes too', async () => {
    const errors = await (await connect('a/b c')).subscribe('/user/queue/x');

    template.convertAndSendToUser('a/b c', '/queue/x', 'yours');

    expect((await errors.next()).headers.get('destination')).toBe('/user/queue/x');
  });

  it('tells several users the same: what one sees, the others see byte for byte', async () => {
    const of = async (login: string) => (await connect(login)).subscribe('/user/queue/x');
    const [ada, bob, other] = [await of('ada'), await of('bob'), await of('cyd')];

    template.convertAndSendToUsers(['ada', 'bob'], '/queue/x', { a: 1 }, { 'event-type': 'news' });
    template.convertAndSendToUser('cyd', '/queue/x', 'last');

    const [forAda, forBob] = [await ada.next(), await bob.next()];
    expect([forAda.body, forAda.headers.get('event-type')]).toEqual(['{"a":1}', 'news']);
    expect([...forBob.headers]).toEqual([...forAda.headers]);
    expect(forBob.body).toBe(forAda.body);
    expect((await other.next()).body).toBe('last');
  });

  it('reaches one session of a user, or all but one', async () => {
    const [laptop, phone] = [await connect('ada'), await connect('ada')];
    const [onLaptop, onPhone] = [
      await laptop.subscribe('/user/queue/x'),
      await phone.subscribe('/user/queue/x'),
    ];
    const { id } = phone.wire.session;

    template.toSession(id).convertAndSendToUser('ada', '/queue/x', 'phone');
    template.exceptSession(id).convertAndSendToUser('ada', '/queue/x', 'laptop');
    template.convertAndSendToUser('ada', '/queue/x', 'both');

    expect([(await onLaptop.next()).body, (await onLaptop.next()).body]).toEqual(['laptop', 'both']);
    expect([(await onPhone.next()).body, (await onPhone.next()).body]).toEqual(['phone', 'both']);
  });

  it('reaches the users that it names and no others, on whichever node', async () => {
    const hub = new MemoryHub();
    const nodes = await Promise.all(
      [1, 2].map(() =>
        NestFactory.createApplicationContext(
          MessagingModule.forRoot({ ...options, relay: { line: hub.line(limits) } }),
          { logger: false },
        ),
      ),
    );
    const [here, there] = nodes as [INestApplicationContext, INestApplicationContext];
    const [adaHere, adaThere, bobHere, bobThere] = await Promise.all(
      [
        { node: here, login: 'ada' },
        { node: there, login: 'ada' },
        { node: here, login: 'bob' },
        { node: there, login: 'bob' },
      ].map(async ({ node, login }) => (await TestClient.connect(node, { login })).subscribe('/topic/talk')),
    );

    const talk = here.get(MessagingTemplate);
    talk.toUsers(['ada', 'cyd']).convertAndSend('/topic/talk', 'for ada');
    talk.toUsers([]).convertAndSend('/topic/talk', 'for nobody');
    talk.convertAndSend('/topic/talk', 'for all');

    for (const ada of [adaHere, adaThere])
      expect([(await ada?.next())?.body, (await ada?.next())?.body]).toEqual(['for ada', 'for all']);
    for (const bob of [bobHere, bobThere]) expect((await bob?.next())?.body).toBe('for all');
    await Promise.all(nodes.map((node) => node.close()));
  });

  it('says the position of a row as the header cursor, and takes no such header', async () => {
    const news = await (await connect('ada')).subscribe('/topic/news');

    template.at({ epoch: 'e', seq: 7 }).convertAndSend('/topic/news', 'row');

    expect((await news.next()).headers.get('cursor')).toBe('e:7');
    expect(() => template.convertAndSend('/topic/news', 'row', { cursor: 'e:7' })).toThrow(TypeError);
  });

  it('stores what goes to a queue', async () => {
    await template.enqueue('/queue/orders', { id: 7 });

    const orders = await (await connect('ada')).subscribe('/queue/orders', { ack: 'client-individual' });

    expect((await orders.next()).json).toEqual({ id: 7 });
  });
});

describe('a converter', () => {
  it('reads what a method is sent', async () => {
    const ada = await connect('ada');

    await ada.send('/app/hear/lisp', '(a b)', { 'content-type': 'application/lisp; v=1' });

    expect(heard.at(-1)).toEqual(new Set(['a', 'b']));
  });

  it('that throws is the sender’s fault, and says which type it was', async () => {
    const ada = await connect('ada');

    await expect(
      ada.send('/app/hear/lisp', 'no', { 'content-type': 'application/lisp' }),
    ).rejects.toMatchObject({ code: 'handler_failed', message: 'The payload is not application/lisp.' });
  });

  it('isn’t needed for bytes of unknown type', async () => {
    const ada = await connect('ada');

    await ada.send('/app/hear/bytes', 'abc', { 'content-type': 'application/cbor' });

    expect(heard.at(-1)).toEqual(Buffer.from('abc'));
  });
});
