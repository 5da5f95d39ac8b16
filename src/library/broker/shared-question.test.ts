import { expect, test } from 'vitest';
import { SharedQuestion } from './shared-question.js';

/** A question that the test answers: with the number of times that it was asked. */
function setUp() {
  const answers: { resolve(answer: number): void; reject(error: Error): void }[] = [];
  let asked = 0;
  const question = new SharedQuestion<number>(
    () =>
      new Promise((resolve, reject) => {
        asked++;
        answers.push({ resolve, reject });
      }),
  );
  const answer = (): void => answers.shift()?.resolve(asked);
  const fail = (): void => answers.shift()?.reject(new Error('the database is away'));
  return { question, answer, fail, asked: () => asked };
}

test('those who ask while a question is under way share the next one', async () => {
  const { question, answer, asked } = setUp();

  const first = question.ask();
  const others = Array.from({ length: 100 }, () => question.ask());
  expect(asked()).toBe(1);
  answer();
  expect(await first).toBe(1);
  answer();

  expect(new Set(await Promise.all(others))).toEqual(new Set([2]));
  expect(asked()).toBe(2);
});

test('a question that failed is asked again for those who came meanwhile', async () => {
  const { question, answer, fail } = setUp();

  const first = question.ask();
  const second = question.ask();
  fail();
  await expect(first).rejects.toThrow('the database is away');
  answer();

  expect(await second).toBe(2);
});

test('one who asks when all is answered asks anew', async () => {
  const { question, answer, asked } = setUp();
  const first = question.ask();
  answer();
  await first;

  const second = question.ask();
  answer();

  expect(await second).toBe(2);
  expect(asked()).toBe(2);
});
