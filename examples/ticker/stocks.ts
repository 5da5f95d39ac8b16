import type { ServerResponse } from 'node:http';
import { Controller, Get, Res } from '@nestjs/common';
import { Broadcasts, type Broadcast } from 'carillon';

/** What comes as which event. */
interface StockEvents {
  readonly price: { readonly symbol: string; readonly price: number };
}

/** Prices as Server-Sent Events: `new EventSource('/events/stocks')`, or `curl -N`. */
@Controller('events')
export class StocksController {
  readonly #stocks: Broadcast<StockEvents>;
  #price = 150;

  constructor(broadcasts: Broadcasts) {
    this.#stocks = broadcasts.of<StockEvents>('/topic/stocks');
    setInterval(() => this.#stocks.send('price', { symbol: 'AAPL', price: this.#price++ }), 1_000).unref();
  }

  @Get('stocks')
  stocks(@Res() response: ServerResponse): Promise<void> {
    return this.#stocks.stream({ response, user: { name: 'guest', roles: [] } });
  }
}
