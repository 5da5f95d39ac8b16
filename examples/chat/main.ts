import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ChatModule } from './chat.js';

const application = await NestFactory.create(ChatModule, { forceCloseConnections: true });
await application.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
console.log(`Chat at ${await application.getUrl()}`);
