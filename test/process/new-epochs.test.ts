import { afterEach, expect, it } from 'vitest';
import { book } from '../booking.js';
import { signIn } from '../caller.js';
import { startServer, stopServers } from '../server.js';

interface Page {
  readonly items: readonly { readonly seq: number; readonly cursor: string }[];
  readonly cursor: string;
}

afterEach(stopServers);

it('--new-epochs makes every cursor from before unknown, and keeps the rows', async () => {
  const server = await startServer();
  const patient = await signIn(server.url, 'patient@example.org');
  await book(patient, await signIn(server.url, 'doctor@example.org'));
  const before = await patient.get<Page>('/api/notifications');
  server.kill('SIGTERM');
  await server.ended;

  const again = await startServer({ directory: server.directory, parameters: ['--new-epochs'] });
  const returning = await signIn(again.url, 'patient@example.org');

  await expect(returning.get(`/api/notifications?after=${before.cursor}`)).rejects.toThrow('unknown_epoch');
  const after = await returning.get<Page>('/api/notifications');
  expect(after.items).toMatchObject([{ seq: 1 }]);
  expect(await returning.get<Page>(`/api/notifications?after=${after.cursor}`)).toMatchObject({ items: [] });
});
