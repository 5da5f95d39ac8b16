import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits as defaults, type Limits } from '../limits.js';
import { hashPassword } from '../users/password.js';
import type { Person, UsersService } from '../users/users.service.js';
import { Passwords, type CheckedPassword } from './passwords.js';

const ada: Person = { id: 1, email: 'ada@example.org', name: 'Ada', role: 'patient' };
const from = { remoteAddress: '10.0.0.1' };

describe('passwords', () => {
  let hash: string;
  /** What the database answers with. */
  let hashOf: (email: string) => Promise<string | undefined>;
  let passwords: Passwords;

  beforeAll(async () => {
    hash = await hashPassword('right');
  });
  beforeEach(() => {
    hashOf = (email) => Promise.resolve(email === ada.email ? hash : undefined);
    passwords = passwordsWith({ loginFailures: 2 });
  });

  function passwordsWith(limits: Partial<Limits>): Passwords {
    const users = {
      passwordHashOf: (email: string) => hashOf(email),
      findByEmail: (email: string) => Promise.resolve(email === ada.email ? ada : undefined),
    };
    return new Passwords(users as UsersService, { ...defaults, ...limits });
  }
  const guess = (password: string, left?: AbortSignal) =>
    passwords.confirm(ada.email, password, { ...from, left });

  it('that were not checked since the database was away are no failures', async () => {
    hashOf = () => Promise.reject(new Error('away'));
    for (let i = 0; i < 5; i++) await expect(guess(`guess ${i}`)).rejects.toThrow('away');
    hashOf = () => Promise.resolve(hash);

    expect(await guess('right')).toEqual(ada);
  });

  it('that were found wrong are', async () => {
    for (let i = 0; i < 2; i++)
      await expect(guess(`guess ${i}`)).rejects.toMatchObject({ code: 'auth_failed' });

    await expect(guess('right')).rejects.toMatchObject({ code: 'rate_limited' });
  });

  describe('on two nodes', () => {
    let told: CheckedPassword[];
    let elsewhere: Passwords;

    beforeEach(() => {
      told = [];
      elsewhere = passwordsWith({ loginFailures: 2 });
      elsewhere.onChecked((checked) => {
        told.push(checked);
        passwords.checkedElsewhere(checked);
      });
      passwords.onChecked((checked) => elsewhere.checkedElsewhere(checked));
    });
    const guessThere = (password: string) => elsewhere.confirm(ada.email, password, from);

    it('that were found wrong on one are counted on both, and nobody is named', async () => {
      await expect(guess('a guess')).rejects.toMatchObject({ code: 'auth_failed' });
      await expect(guessThere('another')).rejects.toMatchObject({ code: 'auth_failed' });

      await expect(guess('right')).rejects.toMatchObject({ code: 'rate_limited' });
      await expect(guessThere('right')).rejects.toMatchObject({ code: 'rate_limited' });
      expect(told).toEqual([{ from: expect.stringMatching(/^[\w-]{43}$/), isRight: false }]);
    });

    it('that are right on one are forgiven on both, and told only where there is something to forgive', async () => {
      await expect(guess('a guess')).rejects.toMatchObject({ code: 'auth_failed' });
      await guessThere('right');
      await expect(guess('another')).rejects.toMatchObject({ code: 'auth_failed' });
      expect(await guess('right')).toEqual(ada);

      elsewhere = passwordsWith({ loginFailures: 2 });
      elsewhere.onChecked((checked) => told.push(checked));
      await guessThere('right');
      expect(told).toEqual([{ from: expect.any(String), isRight: true }]);
    });
  });

  it('of clients that have left are not checked, and are no failures', async () => {
    const client = new AbortController();
    const guesses = Promise.allSettled(
      Array.from({ length: 9 }, (_, i) => guess(`guess ${i}`, client.signal)),
    );

    client.abort();
    const codes = (await guesses).map((one) => (one.status === 'rejected' ? codeOf(one.reason) : 'right'));

    expect(codes.filter((code) => code === 'auth_failed')).toHaveLength(1);
    await expect(guess('another guess')).rejects.toMatchObject({ code: 'auth_failed' });
  });

  it('of a client that had left before it was asked are not checked', async () => {
    let looks = 0;
    hashOf = () => Promise.resolve((looks++, hash));

    await expect(guess('guess', AbortSignal.abort())).rejects.toMatchObject({ code: 'rate_limited' });

    expect(looks).toBe(0);
  });

  it('are checked for the others when one of the clients with the same has left', async () => {
    const client = new AbortController();
    const before = guess('a guess before it');
    const leaving = guess('right', client.signal);
    const staying = guess('right');

    client.abort();

    await expect(before).rejects.toMatchObject({ code: 'auth_failed' });
    expect(await staying).toEqual(ada);
    expect(await leaving).toEqual(ada);
  });

  it('are checked again after all who had asked have left', async () => {
    const client = new AbortController();
    const before = guess('a guess before it');
    const leaving = guess('right', client.signal);
    client.abort();
    const coming = guess('right');

    await expect(leaving).rejects.toMatchObject({ code: 'rate_limited' });
    await expect(before).rejects.toMatchObject({ code: 'auth_failed' });
    expect(await coming).toEqual(ada);
  });

  it('of accounts that nobody can have are wrong without a look', async () => {
    hashOf = () => Promise.reject(new Error('invalid byte sequence'));

    for (const account of ['a\0@example.org', `${'x'.repeat(250)}@example.org`])
      await expect(passwords.confirm(account, 'guess', from)).rejects.toMatchObject({ code: 'auth_failed' });
  });

  it('to be hashed wait behind each other, not before logins', async () => {
    const done: string[] = [];
    const registering = Array.from({ length: 5 }, (_, i) =>
      passwords
        .hash(`long enough ${i}`, { remoteAddress: `10.0.1.${i}` }, () => undefined)
        .then(() => done.push('registration')),
    );

    await guess('right');
    done.push('login');
    await Promise.all(registering);

    // Two places: one hash is running, and with it or after it comes the login.
    expect(done.indexOf('login')).toBeLessThanOrEqual(2);
  });
});

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}
