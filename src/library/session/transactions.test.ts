import { expect, it } from 'vitest';
import { limits } from '../limits.js';
import { Share } from './share.js';
import { Transactions } from './transactions.js';
import type { Action } from './work.js';

const MOST_BYTES = 1_000;
const action = {
  kind: 'publish',
  draft: { address: '/topic/a', headers: new Map(), body: Buffer.of() },
} as Action;

function setUp(ofUser = 10 * MOST_BYTES) {
  const share = new Share({ ...limits, transactionBytesPerUser: ofUser });
  return { share, transactions: new Transactions(MOST_BYTES, share) };
}

it('a transaction gives back what it held, in order, and is open no longer', () => {
  const { transactions } = setUp();
  const second = { ...action };
  transactions.begin('t');

  transactions.hold('t', action, 1);
  transactions.hold('t', second, 1);

  expect(transactions.end('t').held).toEqual([action, second]);
  expect(() => transactions.end('t')).toThrow(expect.objectContaining({ code: 'unknown_transaction' }));
  expect(() => transactions.hold('t', action, 1)).toThrow(
    expect.objectContaining({ code: 'unknown_transaction' }),
  );
});

it('a transaction of a name that is open is not begun again, and holds nothing at first', () => {
  const { transactions } = setUp();
  transactions.begin('t');

  expect(() => transactions.begin('t')).toThrow(expect.objectContaining({ code: 'duplicate_transaction' }));

  expect(transactions.end('t').held).toEqual([]);
  transactions.begin('t');
});

it('transactions of a connection hold so much together, until what was held is done', () => {
  const { share, transactions } = setUp();
  transactions.begin('a');
  transactions.hold('a', action, 398);
  transactions.begin('b');

  expect(() => transactions.hold('b', action, 0)).toThrow(
    expect.objectContaining({
      code: 'transaction_too_large',
      message: expect.stringContaining('1000 bytes') as string,
    }),
  );

  const ended = transactions.end('a');
  expect(() => transactions.hold('b', action, 0)).toThrow();
  transactions.forget(ended);
  transactions.hold('b', action, 0);
  expect(share.transactions.used).toBe(401);
});

it('transactions of a user hold so much over all connections', () => {
  const { share, transactions } = setUp(500);
  share.connections = 2;
  share.transactions.add(300);

  expect(() => transactions.hold('a', action, 0)).toThrow(
    expect.objectContaining({ code: 'unknown_transaction' }),
  );
  expect(() => transactions.begin('a'.repeat(51))).toThrow(
    expect.objectContaining({
      code: 'transaction_too_large',
      message: expect.stringContaining('500 bytes') as string,
    }),
  );
});

it('the end of a connection gives all back, once', () => {
  const { share, transactions } = setUp();
  transactions.begin('a');
  transactions.hold('a', action, 100);
  const ended = transactions.end('a');
  transactions.begin('b');

  transactions.close();
  transactions.forget(ended);

  expect(share.transactions.used).toBe(0);
  expect(() => transactions.end('b')).toThrow();
});
