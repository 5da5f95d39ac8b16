import 'reflect-metadata';
import { Controller, Module, ParseIntPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DestinationVariable, Header, MessageMapping, MessagingModule, MessagingTemplate } from 'carillon';
import { Payload, Principal, SendToUser, Refusal, SubscribeMapping, type User } from 'carillon';
import { StocksController } from './stocks.js';
import { interval, map, startWith, type Observable } from 'rxjs';

const prices = new Map(Object.entries({ ACME: 100, EMCA: 50 }));

interface Order {
  readonly symbol: string;
  readonly shares: number;
}

/** Any schema with `parse` will do; zod's for example. */
const order = {
  parse(value: unknown): Order {
    const { symbol, shares } = value as Order;
    if (!prices.has(symbol)) throw new Error(`nobody trades ${symbol}`);
    if (!Number.isInteger(shares) || shares < 1) throw new Error('shares is a whole number from 1');
    return { symbol, shares };
  },
};

@Controller()
export class TickerController {
  constructor(private readonly template: MessagingTemplate) {}

  /** A stream for each subscription to /app/prices/ACME; it stops with UNSUBSCRIBE, and with its client. */
  @SubscribeMapping('/prices/{symbol}')
  prices(
    @DestinationVariable('symbol') symbol: string,
    @Header('every-ms', { defaultValue: '1000' }, ParseIntPipe) everyMs: number,
  ): Observable<{ symbol: string; price: number }> {
    if (!prices.has(symbol)) throw new Refusal('unknown_destination', `Nobody trades ${symbol}.`);
    return interval(Math.max(everyMs, 10)).pipe(
      startWith(0),
      map(() => ({ symbol, price: move(symbol) })),
    );
  }

  /** The buyer alone hears what came of it, on all devices; everybody hears that there was a trade. */
  @MessageMapping('/buy')
  @SendToUser('/queue/trades')
  buy(@Payload(order) { symbol, shares }: Order, @Principal() { name }: User): object {
    const price = (prices.get(symbol) ?? 0) * shares;
    this.template.convertAndSend(`/topic/trades.${symbol}`, { shares });
    return { buyer: name, symbol, shares, price };
  }
}

function move(symbol: string): number {
  const price = (prices.get(symbol) ?? 0) + 1;
  prices.set(symbol, price);
  return price;
}

@Module({
  imports: [
    MessagingModule.forRoot({
      authenticator: {
        authenticate: async ({ login = 'guest' }) => ({ name: login, roles: [] }),
      },
      authorizer: { isAllowed: (_, verb, address) => verb === 'SUBSCRIBE' || address.startsWith('/app/') },
    }),
  ],
  controllers: [TickerController, StocksController],
})
export class TickerModule {}

const application = await NestFactory.create(TickerModule, { forceCloseConnections: true });
await application.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
console.log(`Ticker at ${await application.getUrl()}`);
