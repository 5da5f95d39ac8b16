import { describe, expect, it } from 'vitest';
import { postgres, sqlite } from '../databases.js';
import { ask, problemOf, type Answer } from './clinic.js';
import { oneAppointment } from './one-appointment.js';

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`If-Match on an appointment, on ${kind.name}`, () => {
    const here = oneAppointment(kind);

    it.each(['"1"', '*', ' "7" , "1"', 'W/"1", "1"'])(
      '%s lets the change through to version 1',
      async (ifMatch) => {
        const answer = await patch('hip', ifMatch);

        expect(answer).toMatchObject({ status: 200, body: { version: 2 } });
        expect(answer.headers.get('etag')).toBe('"2"');
      },
    );

    it.each(['"2"', '"0"', 'W/"1"', '""', '"7", "8"'])(
      '%s refuses it, with the present version',
      async (ifMatch) => {
        const answer = await patch('hip', ifMatch);

        expect(problemOf(answer)).toEqual({ status: 412, code: 'stale_version' });
        expect(answer.headers.get('etag')).toBe('"1"');
        expect((await ask(here.url, { token: here.patient.token })).body).toMatchObject({
          version: 1,
          reason: null,
        });
      },
    );

    it.each(['1', '"1', '', '"1";', '*, "1"', 'w/"1"', '"a b"'])('%j is no entity-tag', async (ifMatch) => {
      expect(problemOf(await patch('hip', ifMatch))).toEqual({ status: 400, code: 'invalid_request' });
    });

    it('holds for the status and for a cancellation', async () => {
      const { token } = here.doctor;
      const headers = { 'If-Match': '"9"' };
      const status = { token, method: 'PUT', body: { status: 'arrived' } };
      const cancel = { token, body: {} };

      expect((await ask(`${here.url}/status`, { ...status, headers })).status).toBe(412);
      expect((await ask(`${here.url}/cancel`, { ...cancel, headers })).status).toBe(412);
      expect((await ask(`${here.url}/status`, { ...status, headers: { 'If-Match': '"1"' } })).status).toBe(
        200,
      );
      expect((await ask(`${here.url}/cancel`, { ...cancel, headers: { 'If-Match': '"2"' } })).status).toBe(
        200,
      );
    });

    it('lets one of many with the same version in view make the change', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => patch(`reason ${i}`, '"1"')));

      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(9).fill(412)]);
    });

    it('is optional: without it, all of many make their change, one after the other', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => patch(`reason ${i}`)));

      expect(answers.map(({ body }) => body['version']).toSorted((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: 10 }, (_, i) => i + 2),
      );
    });

    function patch(reason: string, ifMatch?: string): Promise<Answer> {
      return ask(here.url, {
        token: here.patient.token,
        method: 'PATCH',
        body: { reason },
        ...(ifMatch !== undefined && { headers: { 'If-Match': ifMatch } }),
      });
    }
  });
}
