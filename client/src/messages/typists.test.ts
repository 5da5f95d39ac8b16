import { expect, it } from 'vitest';
import { stillTyping, typingLine, withoutTypist, withTypist, type Typist } from './typists.js';

const ada: Typist = { conversationId: 7, userId: 1, name: 'Ada', until: 1_000 };
const ben: Typist = { conversationId: 7, userId: 2, name: 'Ben', until: 2_000 };

it('who types on is there once, for longer', () => {
  expect(withTypist([ada, ben], { ...ada, until: 3_000 })).toEqual([ben, { ...ada, until: 3_000 }]);
});

it('who stops in one conversation may type in another', () => {
  const elsewhere = { ...ada, conversationId: 8 };

  expect(withoutTypist([ada, elsewhere], ada)).toEqual([elsewhere]);
});

it('ends by itself', () => {
  expect(stillTyping([ada, ben], 1_000)).toEqual([ben]);
});

it.each([
  [[], undefined],
  [['Ada'], 'Ada is typing'],
  [['Ada', 'Ben'], 'Ada and Ben are typing'],
  [['Ada', 'Ben', 'Cy'], '3 people are typing'],
])('of %j the line is %s', (names, line) => {
  expect(typingLine(names)).toBe(line);
});
