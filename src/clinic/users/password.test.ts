import { describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from './password.js';

describe('a password', () => {
  it('is confirmed by its hash, and no other one is', async () => {
    const hash = await hashPassword('carillon');

    expect(await verifyPassword('carillon', hash)).toBe(true);
    expect(await verifyPassword('Carillon', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  });

  it('has another hash each time, and none shows it', async () => {
    const [one, two] = await Promise.all([hashPassword('carillon'), hashPassword('carillon')]);

    expect(one).not.toBe(two);
    expect(one).toMatch(/^\$scrypt\$ln=\d+,r=\d+,p=\d+\$[\w+/]{22}\$[\w+/]{43}$/);
  });

  it('is confirmed by a hash that was made at another cost', async () => {
    // RFC 7914, 12: P="password", S="NaCl", N=1024, r=8, p=16, dkLen=64.
    const salt = 'TmFDbA';
    const key = Buffer.from(
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' +
        '2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
      'hex',
    );

    const hash = `$scrypt$ln=10,r=8,p=16$${salt}$${key.toString('base64').replace(/=+$/, '')}`;

    expect(await verifyPassword('password', hash)).toBe(true);
    expect(await verifyPassword('Password', hash)).toBe(false);
  });

  it('is the same password however its umlaut was typed', async () => {
    const hash = await hashPassword('gr\u00fcn');

    expect(await verifyPassword('gru\u0308n', hash)).toBe(true);
  });

  it('of nobody is never right', async () => {
    expect(await verifyPassword('', undefined)).toBe(false);
  });

  it('is checked while the event loop goes on', async () => {
    let turns = 0;
    const turning = setInterval(() => turns++, 1);

    await verifyPassword('carillon', undefined);
    clearInterval(turning);

    expect(turns).toBeGreaterThan(5);
  });
});
