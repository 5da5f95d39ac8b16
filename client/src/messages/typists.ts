import { say } from '../words/words.js';

/** Somebody who types, as far as we know. */
export interface Typist {
  readonly conversationId: number;
  readonly userId: number;
  readonly name: string;
  /** When it ends by itself, on the steady clock in ms. */
  readonly until: number;
}

/** Somebody types, or types on. */
export function withTypist(typists: readonly Typist[], typist: Typist): readonly Typist[] {
  return [...withoutTypist(typists, typist), typist];
}

/** Somebody has stopped. */
export function withoutTypist(
  typists: readonly Typist[],
  { conversationId, userId }: Pick<Typist, 'conversationId' | 'userId'>,
): readonly Typist[] {
  return typists.filter((one) => one.conversationId !== conversationId || one.userId !== userId);
}

/** Those who haven't been heard of for too long are taken to have stopped. */
export function stillTyping(typists: readonly Typist[], now: number): readonly Typist[] {
  const left = typists.filter(({ until }) => until > now);
  return left.length === typists.length ? typists : left;
}

/** "Ada is typing", "Ada and Ben are typing"; undefined where nobody is. */
export function typingLine(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  if (names.length > 2) return say('typing.many', { count: names.length });
  const [first = '', second] = names;
  return second === undefined ? say('typing.one', { first }) : say('typing.two', { first, second });
}
