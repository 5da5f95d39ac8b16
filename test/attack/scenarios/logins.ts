import type { Attacker } from '../attacker.js';
import type { Scenario } from '../scenario.js';

export const logins: Scenario = {
  name: 'logins',
  kind: 4,
  about:
    'Has passwords checked: of accounts that do not exist, of its own, of registrations, over HTTP and STOMP.',
  async attack(attacker) {
    const { random } = attacker;
    await attacker.repeat(async (round) => {
      // Ways of its own first, each of which is known to have held everybody up.
      const way = ways[round] ?? random.pick(ways);
      await way(attacker);
    });
  },
};

const ways: readonly ((attacker: Attacker) => Promise<void>)[] = [
  async (attacker) => {
    await attacker.pipeline(junk(attacker, 1_000), 1_000, 'gone');
    await attacker.pause(500);
  },
  (attacker) => attacker.pipeline(junk(attacker, 300), 300, 'deaf'),
  (attacker) =>
    attacker.repeat(async () => void (await attacker.ask(login(attacker))), {
      atOnce: 50,
      limit: attacker.random.between(50, 400),
    }),
  (attacker) =>
    attacker.repeat(async () => void (await attacker.ask(registration(attacker))), {
      atOnce: 20,
      limit: attacker.random.between(20, 200),
    }),
  (attacker) => attacker.pipeline(registrations(attacker, 200), 200, 'gone'),
  (attacker) =>
    attacker.repeat(
      async () => {
        const line = await attacker.stomp({ login: name(attacker), passcode: 'junk' });
        line?.socket.terminate();
      },
      { atOnce: 50, limit: attacker.random.between(50, 200) },
    ),
];

function junk(attacker: Attacker, count: number): string {
  return Array.from({ length: count }, () => login(attacker)).join('');
}

function registrations(attacker: Attacker, count: number): string {
  return Array.from({ length: count }, () => registration(attacker)).join('');
}

function login(attacker: Attacker): string {
  return attacker.signedRequest('POST', '/api/auth/login', {
    email: attacker.random.chance(0.2) ? attacker.job.account.email : name(attacker),
    password: 'p'.repeat(attacker.random.chance(0.005) ? 100_000 : attacker.random.pick([1, 8, 200, 201])),
  });
}

function registration(attacker: Attacker): string {
  return attacker.signedRequest('POST', '/api/auth/register', {
    email: name(attacker),
    password: 'a password of some length',
    name: 'Nobody Known',
  });
}

function name({ random }: Attacker): string {
  return `nobody-${random.between(0, 1e9)}-${random.between(0, 1e9)}@example.org`;
}
