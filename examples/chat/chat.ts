import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Controller, Get, Header, Module } from '@nestjs/common';
import { DestinationVariable, MessageMapping, Payload, Principal, Refusal } from 'carillon';
import { MessagingModule, SubscribeMapping, type User } from 'carillon';

interface Line {
  readonly from: string;
  readonly text: string;
}

@Controller()
export class ChatController {
  readonly #rooms = new Map<string, Line[]>([
    ['blue', []],
    ['green', []],
  ]);

  /** SEND to /app/rooms/blue; what it returns is published to /topic/rooms/blue. */
  @MessageMapping('/rooms/{room}')
  say(@DestinationVariable('room') room: string, @Payload() text: string, @Principal() user: User): Line {
    const line = { from: user.name, text };
    this.#rooms.set(room, [...this.history(room), line].slice(-50));
    return line;
  }

  /** SUBSCRIBE to /app/rooms/blue: what was said before, for this subscription alone. */
  @SubscribeMapping('/rooms/{room}')
  history(@DestinationVariable('room') room: string): Line[] {
    const lines = this.#rooms.get(room);
    if (!lines) throw new Refusal('unknown_destination', `There is no room ${room}.`);
    return lines;
  }

  @Get()
  @Header('Content-Type', 'text/html')
  page(): string {
    return readFileSync('index.html', 'utf8');
  }

  @Get('stomp.js')
  @Header('Content-Type', 'text/javascript')
  client(): string {
    return readFileSync(createRequire(import.meta.url).resolve('@stomp/stompjs'), 'utf8');
  }
}

@Module({
  imports: [
    MessagingModule.forRoot({
      // Every login is accepted as it is; a real application checks a token or a password here.
      authenticator: {
        authenticate: async ({ login = 'guest' }) => ({ name: login, roles: [] }),
      },
      authorizer: { isAllowed: (_, verb, address) => verb === 'SUBSCRIBE' || address.startsWith('/app/') },
    }),
  ],
  controllers: [ChatController],
})
export class ChatModule {}
