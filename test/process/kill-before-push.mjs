// Preloaded into the server: the process dies where the first push to a user would begin, which is right after COMMIT.
import process from 'node:process';
import { MessagingTemplate } from '../../dist/src/library/nest/template.js';

MessagingTemplate.prototype.convertAndSendToUser = () => {
  process.kill(process.pid, 'SIGKILL');
};
