import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Account } from '../../src/clinic/auth/account.js';
import { EmailChange } from '../../src/clinic/auth/email-change.js';
import { LoginSessions } from '../../src/clinic/auth/login-sessions.js';
import type { LinkMail } from '../../src/clinic/auth/mailed-link.js';
import { Passwords } from '../../src/clinic/auth/passwords.js';
import { limits } from '../../src/clinic/limits.js';
import { NotificationService } from '../../src/clinic/notifications/notification.service.js';
import { UsersService } from '../../src/clinic/users/users.service.js';
import { rowsOf } from '../../src/library/store/rows.js';
import { Store } from '../../src/library/store/store.js';
import { postgres, sqlite } from '../databases.js';
import { ask, openClinic, problemOf, type Answer, type Clinic, type Login } from './clinic.js';
import { connect } from './stomp.js';

let number = 0;

describe.each([sqlite, postgres])('another e-mail address, on $name', (kind) => {
  describe.skipIf(!kind.isHere)('', () => {
    let clinic: Clinic;
    let other: Clinic;
    let drop: () => Promise<void>;
    let person: Login;
    let wanted: string;

    beforeAll(async () => {
      const database = await kind.create();
      drop = () => database.drop();
      clinic = await openClinic({}, database);
      // A node that hears nothing of the first one, and sees in the database alone what it did.
      other = kind === sqlite ? clinic : await openClinic({ LIMIT_RECIPIENTS_MS: '1' }, database);
    });
    afterAll(async () => {
      await clinic.close();
      if (other !== clinic) await other.close();
      await drop();
    });
    beforeEach(async () => {
      person = await register(`person${number++}@example.org`);
      wanted = `wanted${number++}@example.org`;
    });

    it('is the account’s when its mailbox has said so; logins stay, and the old mailbox is told', async () => {
      const { change, mails } = changeWithMail();
      await asked(change, person, wanted, mails);
      const link = mails.find(({ to }) => to === wanted)!;
      expect(link.text).toContain(`https://clinic.example/confirm-email#${tokenIn(link)}`);
      expect((await tryLogin(person.user.email)).status).toBe(200);
      expect((await tryLogin(wanted)).status).toBe(401);

      const confirmed = await confirm(tokenIn(link));

      expect(confirmed.status).toBe(204);
      expect((await call('/me', person)).body).toMatchObject({ id: person.user.id, email: wanted });
      expect((await tryLogin(wanted)).status).toBe(200);
      expect((await tryLogin(person.user.email)).status).toBe(401);
      const toOld = mails.filter(({ to }) => to === person.user.email);
      expect(toOld).toHaveLength(1);
      expect(toOld[0]!.text).toContain('choose a new password now');
    });

    it.each(['on this node', 'on another node'])(
      'ends what lives on the login %s, which comes back under the new name',
      async (where) => {
        const node = where === 'on this node' ? clinic : other;
        const old = await connect(node, person);
        await old.subscribe('/user/queue/notifications');
        const { change, mails } = changeWithMail();
        await asked(change, person, wanted, mails);

        await change.confirm(tokenIn(mails.find(({ to }) => to === wanted)!));

        expect(await old.failed).toMatchObject({ code: 'auth_revoked' });
        const again = await connect(node, person);
        const inbox = await again.subscribe('/user/queue/notifications');
        await node.application.get(NotificationService).sendNotification(person.user.id, 'Still there?');
        expect(await inbox.next()).toMatchObject({ type: 'message' });
        await again.close();
      },
    );

    it('is told at the old mailbox when it has come', async () => {
      const { change, mails } = changeWithMail();
      await asked(change, person, wanted, mails);

      await change.confirm(tokenIn(mails.find(({ to }) => to === wanted)!));

      await vi.waitFor(() => expect(mails).toHaveLength(3));
      expect(mails[2]).toMatchObject({ to: person.user.email });
      expect(mails[2]!.text).toContain('has another e-mail address now');
    });

    it('is asked for with the password, and isn’t the one that one has', async () => {
      expect(problemOf(await request({ email: wanted, password: 'wrong' }))).toEqual({
        status: 403,
        code: 'wrong_password',
      });
      expect(
        problemOf(await request({ email: person.user.email.toUpperCase(), password: 'carillon' })),
      ).toEqual({
        status: 400,
        code: 'invalid_request',
      });
      expect(problemOf(await request({ email: 'nonsense', password: 'carillon' }))).toEqual({
        status: 400,
        code: 'invalid_request',
      });
    });

    it('is answered alike whether somebody has it or not; their mailbox alone is told', async () => {
      const taken = await register(`taken${number++}@example.org`);
      const answers = [
        await request({ email: taken.user.email, password: 'carillon' }),
        await request({ email: wanted, password: 'carillon' }),
      ];
      expect(answers.map(({ status, body }) => [status, body])).toEqual([
        [202, undefined],
        [202, undefined],
      ]);

      const { change, mails } = changeWithMail();
      await asked(change, person, taken.user.email, mails);

      const mail = mails.find(({ to }) => to === taken.user.email)!;
      expect(mail.text).toContain('there is an account with it already');
      expect(tokenIn(mail)).toBe('');
    });

    it('comes by a link that is used once, also by two at the same moment', async () => {
      const { change, mails } = changeWithMail();
      await asked(change, person, wanted, mails);
      const token = tokenIn(mails.find(({ to }) => to === wanted)!);

      const uses = await Promise.all([confirm(token), confirm(token)]);

      expect(uses.map(({ status }) => status).toSorted()).toEqual([204, 401]);
      expect(problemOf(await confirm(token))).toEqual({ status: 401, code: 'auth_failed' });
    });

    it('doesn’t come by a link that is too old', async () => {
      const { change, mails } = changeWithMail({ resetMs: -1 });
      await asked(change, person, wanted, mails);

      const late = await confirm(tokenIn(mails.find(({ to }) => to === wanted)!));

      expect(problemOf(late)).toEqual({ status: 401, code: 'auth_failed' });
    });

    it('comes by the link of the newest request alone', async () => {
      const { change, mails } = changeWithMail();
      await asked(change, person, wanted, mails);
      const second = `second${number++}@example.org`;
      await asked(change, person, second, mails);
      const [older, newer] = [wanted, second].map((to) => tokenIn(mails.find((mail) => mail.to === to)!));

      expect((await confirm(older!)).status).toBe(401);
      expect((await confirm(newer!)).status).toBe(204);
    });

    it('asked for twice at once comes by one of both links', async () => {
      const { change, mails } = changeWithMail();
      const second = `second${number++}@example.org`;
      await Promise.all([asked(change, person, wanted, mails), asked(change, person, second, mails)]);
      const tokens = [wanted, second].map((to) => tokenIn(mails.find((mail) => mail.to === to)!));

      const statuses = [];
      for (const token of tokens) statuses.push((await confirm(token)).status);

      expect(statuses.toSorted()).toEqual([204, 401]);
    });

    it('goes to whom it is confirmed for first, where two ask for the same', async () => {
      const rival = await register(`rival${number++}@example.org`);
      const [mine, theirs] = [changeWithMail(), changeWithMail()];
      await asked(mine.change, person, wanted, mine.mails);
      await asked(theirs.change, rival, wanted, theirs.mails);
      const tokens = [mine, theirs].map(({ mails }) => tokenIn(mails.find(({ to }) => to === wanted)!));

      const uses = await Promise.all(tokens.map(confirm));

      expect(uses.map(({ status }) => status).toSorted()).toEqual([204, 409]);
      expect(uses.find(({ status }) => status === 409)!.body).toMatchObject({ code: 'email_taken' });
    });

    it('leaves the old one to nobody else, and may be taken back', async () => {
      const { change, mails } = changeWithMail();
      const old = person.user.email;
      await asked(change, person, wanted, mails);
      await change.confirm(tokenIn(mails.find(({ to }) => to === wanted)!));

      const registration = { email: old, password: 'another one', name: 'Somebody Else' };
      const taken = await ask(`${clinic.url}/api/auth/register`, { body: registration });
      expect(problemOf(taken)).toEqual({ status: 409, code: 'email_taken' });

      const back = changeWithMail();
      const { body } = await tryLogin(wanted);
      await asked(back.change, body, old, back.mails);
      await back.change.confirm(tokenIn(back.mails.find(({ to }) => to === old)!));
      expect((await tryLogin(old)).status).toBe(200);
    });

    it('doesn’t come when the password was changed meanwhile', async () => {
      const { change, mails } = changeWithMail();
      await asked(change, person, wanted, mails);
      await clinic.application
        .get(Account)
        .changePassword(
          await clinic.application.get(LoginSessions).byToken(person.token),
          { current: 'carillon', password: 'another one' },
          { remoteAddress: '10.0.0.1' },
        );

      const late = await confirm(tokenIn(mails.find(({ to }) => to === wanted)!));

      expect(problemOf(late)).toEqual({ status: 401, code: 'auth_failed' });
    });

    it('makes links for forgotten passwords that lie in the old mailbox worth nothing', async () => {
      const { change, mails } = changeWithMail();
      await asked(change, person, wanted, mails);
      const store = clinic.application.get(Store);
      await store.write(({ manager }) =>
        rowsOf(manager, 'insert into reset_link (token_hash, user_id, expires_at) values ($1, $2, $3)', [
          `hash ${person.user.id}`,
          person.user.id,
          Date.now() + 60_000,
        ]),
      );

      await change.confirm(tokenIn(mails.find(({ to }) => to === wanted)!));

      const left = await rowsOf(store.read, 'select 1 from reset_link where user_id = $1', [person.user.id]);
      expect(left).toEqual([]);
    });

    it('is asked for three times within an hour by one person, and mailed to as often by all', async () => {
      const { change, mails } = changeWithMail();
      for (let i = 0; i < 3; i++) await asked(change, person, wanted, mails);
      const signedIn = await signedInAs(person);
      expect(() => change.ask(signedIn, wanted)).toThrow('too many attempts');

      const rival = await register(`rival${number++}@example.org`);
      change.ask(await signedInAs(rival), wanted);

      await vi.waitFor(() => expect(mails.some(({ to }) => to === rival.user.email)).toBe(true));
      expect(mails.filter(({ to }) => to === wanted)).toHaveLength(3);
    });

    it('can’t be had where no mail can be sent', async () => {
      const { change } = changeWithMail({}, null);
      const signedIn = await signedInAs(person);

      expect(() => change.ask(signedIn, wanted)).toThrow('sends no mail');
    });

    async function signedInAs(login: Login) {
      return clinic.application.get(LoginSessions).byToken(login.token);
    }

    /** Resolves when both mails are there. */
    async function asked(change: EmailChange, login: Login, email: string, mails: readonly LinkMail[]) {
      const before = mails.length;
      change.ask(await signedInAs(login), email);
      await vi.waitFor(() => {
        expect(mails.length).toBeGreaterThanOrEqual(before + 2);
        expect(mails.some(({ to }) => to === email)).toBe(true);
      });
    }

    /** The clinic's own, but for what its mails come to. */
    function changeWithMail(
      { resetMs = limits.resetMs }: { resetMs?: number } = {},
      mailer?: null,
    ): { change: EmailChange; mails: LinkMail[] } {
      const mails: LinkMail[] = [];
      const { application } = clinic;
      const change = new EmailChange(
        application.get(Store),
        application.get(UsersService),
        application.get(Passwords),
        application.get(LoginSessions),
        {
          limits: { ...limits, resetMs },
          page: 'https://clinic.example',
          mail: mailer === null ? undefined : async (mail) => void mails.push(mail),
          logError: (message, error) => {
            throw new Error(message, { cause: error });
          },
        },
      );
      return { change, mails };
    }

    async function register(email: string): Promise<Login> {
      await ask(`${clinic.url}/api/auth/register`, {
        body: { email, password: 'carillon', name: 'Rita Reader' },
      });
      return (await tryLogin(email)).body;
    }

    function tryLogin(email: string): Promise<Answer<Login>> {
      return ask<Login>(`${clinic.url}/api/auth/login`, { body: { email, password: 'carillon' } });
    }

    function request(body: object): Promise<Answer> {
      return call('/me/email', person, body);
    }

    function confirm(token: string): Promise<Answer> {
      return call('/auth/email', undefined, { token });
    }

    function call(path: string, login: Login | undefined, body?: unknown): Promise<Answer> {
      return ask(`${clinic.url}/api${path}`, { token: login?.token, body });
    }
  });
});

function tokenIn({ text }: LinkMail): string {
  return /#([\w-]{43})/.exec(text)?.[1] ?? '';
}
