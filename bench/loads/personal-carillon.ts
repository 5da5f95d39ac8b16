import { MessagingTemplate } from '../../src/library/nest/template.js';
import { embed } from './embedded.js';
import { sendToRandom, type PersonalJob, type PersonalResult } from './personal.js';

/** An application that sends to its users itself. */
export async function prepare(job: PersonalJob): Promise<() => Promise<PersonalResult>> {
  const application = await embed(job.databaseUrl);
  await application.listen(job.port, '127.0.0.1');
  const template = application.get(MessagingTemplate, { strict: false });
  return () =>
    sendToRandom(job, (user, body) =>
      template.convertAndSendToUser(job.users[user] ?? '', '/queue/bench', body),
    );
}
