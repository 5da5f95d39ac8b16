import { Samples, type Summary } from '../figures.js';
import { SocketIoSocket } from '../socket-io-socket.js';
import type { Door } from '../target.js';
import { HttpCaller } from './http-caller.js';
import { atOnce } from './open-many.js';
import { quiet } from './quiet.js';
import { ageOf, begins, NEW_MESSAGE, timedText } from './said.js';
import { now } from './timed-message.js';

export interface ChatByPostJob {
  /** Of HTTP. */
  readonly url: string;
  /** Of those who look: one for each conversation, in their order. */
  readonly screens: Door;
  readonly conversations: readonly Talk[];
  readonly perSecond: number;
  readonly characters: number;
  readonly seconds: number;
}

/** A conversation, and who says something in it. */
export interface Talk {
  readonly id: number;
  readonly token: string;
}

export interface ChatByPostResult {
  readonly posts: number;
  readonly shown: number;
  /** From when a POST was due to its 201. */
  readonly answer: Summary;
  /** From when a POST was due to the other's `new-message`. */
  readonly screen: Summary;
}

const WARM_UP_SECONDS = 1;

/**
 * Messages that are due at a fixed rate, whatever becomes of those before them: each conversation has its turn, and one
 * whose last POST isn't answered yet waits, which counts.
 */
export async function prepare(job: ChatByPostJob): Promise<() => Promise<ChatByPostResult>> {
  const { url, screens, conversations, perSecond, characters } = job;
  const [answers, shown] = [new Samples(), new Samples()];
  let posts = 0;
  let arrived = 0;
  await atOnce(conversations.length, async (i) => {
    const socket = await SocketIoSocket.open(screens, i);
    socket.onClose = (reason) => {
      throw new Error(`In the middle of the load: ${reason}`);
    };
    socket.onPacket = (bytes, start, end) => {
      if (!begins(NEW_MESSAGE, bytes, start, end)) return;
      arrived += 1;
      shown.add(ageOf(bytes, start));
    };
  });
  const talks = await Promise.all(
    conversations.map(async ({ id, token }) => ({
      path: `/api/conversations/${id}/messages`,
      caller: await HttpCaller.open(url, token),
      turn: Promise.resolve(),
    })),
  );

  const say = async ({ path, caller }: (typeof talks)[number], due: number): Promise<void> => {
    const status = await caller.post(path, JSON.stringify({ text: timedText(due, characters) }));
    if (status !== 201) throw new Error(`POST ${path} was answered ${status}`);
    answers.add(now() - due);
  };
  const run = async (seconds: number): Promise<ChatByPostResult> => {
    [posts, arrived] = [0, 0];
    answers.clear();
    shown.clear();
    const began = now();
    for (const all = seconds * perSecond; posts < all;) {
      for (; posts < all && dueAt(posts) <= now(); posts++) {
        const talk = talks[posts % talks.length];
        const due = dueAt(posts);
        if (talk) talk.turn = talk.turn.then(() => say(talk, due));
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(talks.map(({ turn }) => turn));
    // Nothing is on its way, and nothing comes twice.
    await quiet(() => arrived, 300);
    return { posts, shown: arrived, answer: answers.summary(), screen: shown.summary() };

    function dueAt(post: number): number {
      return began + (post * 1_000) / perSecond;
    }
  };
  await run(WARM_UP_SECONDS);
  return () => run(job.seconds);
}
