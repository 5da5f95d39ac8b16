import { doorOf, bearer } from '../carillon-door.js';
import { raisedSettings } from '../carillon-settings.js';
import { startLoad } from '../load.js';
import type { prepare, Talk } from '../loads/chat-by-post.js';
import { signIn, startCarillon, type Carillon } from '../peers/carillon.js';
import type { Row, Shape } from '../shape.js';

const CONVERSATIONS = 64;
const RATES = [100, 500];
const CHARACTERS = 100;
/** So finely that the aim shows. */
const LOOP_SAMPLED_MS = 1;
/** What one person may not say outside a measurement. */
const settings = { LIMIT_MESSAGES_PER_HOUR: '10000000' };

export const chat: Shape = {
  name: 'chat',
  about:
    `${CONVERSATIONS} conversations (SQLite), in each of which one says ${CHARACTERS} characters by POST, and the other has a Socket.IO client ` +
    'on a WebSocket; an operator who began it is in it too, and is nowhere. Messages are due at a fixed rate, by turns, whether or ' +
    "not those before are answered: times count from when one was due. CPU is the server's, all its threads, for each message; " +
    `\`loop\` is the delay of its event loop, with the sampling interval of ${LOOP_SAMPLED_MS} ms in it.`,
  aims: [`at ${Math.max(...RATES)}/s: p99 from POST to screen at most 50 ms`],

  async run(options) {
    const conversations = options.clients ?? CONVERSATIONS;
    const carillon = await startCarillon({ users: 2 * conversations, environment: settings });
    try {
      const talks = await begin(carillon, conversations);
      const rows: Row[] = [];
      for (const rate of RATES.filter((one) => `${one}/s`.includes(options.only ?? '')))
        rows.push(await measure(carillon, talks, rate, options.seconds));
      const limits = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
      return {
        tables: [{ title: `${conversations} conversations`, rows }],
        remarks: [raisedSettings, `In the conversations also ${limits.join(', ')}.`],
      };
    } finally {
      await carillon.stop();
    }
  },
};

/** Of the users every second one speaks, and the one behind looks. */
async function begin({ url, users }: Carillon, conversations: number): Promise<readonly Talk[]> {
  const operator = await signIn(url, 'operator@example.org');
  const talks: Talk[] = [];
  for (let i = 0; i < conversations; i++) {
    const [speaker, looker] = [users[2 * i], users[2 * i + 1]];
    if (!speaker || !looker) throw new RangeError('There are too few users');
    const answer = await fetch(`${url}/api/conversations`, {
      method: 'POST',
      headers: { ...bearer(operator), 'Content-Type': 'application/json' },
      body: JSON.stringify({ memberIds: [speaker.id, looker.id] }),
    });
    if (answer.status !== 201) throw new Error(`The conversation was answered ${answer.status}`);
    const { id } = (await answer.json()) as { id: number };
    talks.push({ id, token: speaker.token });
  }
  return talks;
}

async function measure(
  { url, users, server }: Carillon,
  conversations: readonly Talk[],
  perSecond: number,
  seconds: number,
): Promise<Row> {
  const lookers = users.filter((_, i) => i % 2 === 1);
  const load = await startLoad<typeof prepare>('chat-by-post', {
    url,
    screens: { ...doorOf(url, 'socket.io'), credentials: lookers.map(({ token }) => bearer(token)) },
    conversations,
    perSecond,
    characters: CHARACTERS,
    seconds,
  });
  await server.watchLoop(LOOP_SAMPLED_MS);
  const before = await server.read();
  const { posts, shown, answer, screen, loadCpuMicros } = await load.run();
  const after = await server.read();
  await load.stop();
  return {
    'messages/s': perSecond,
    '201 p50 ms': answer.p50,
    '201 p99 ms': answer.p99,
    'screen p50 ms': screen.p50,
    'screen p99 ms': screen.p99,
    'screen max ms': screen.max,
    'CPU µs': (after.cpuMicros - before.cpuMicros) / posts,
    'load µs': loadCpuMicros / posts,
    'loop p99.9 ms': after.loopP999Ms,
    posts,
    shown,
  };
}
