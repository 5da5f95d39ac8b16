import { Injectable } from '@nestjs/common';
import { StompEndpoints } from '../../library/nest/stomp-endpoints.js';

/** Going away without hurry: first a balancer sees it, then the clients are sent elsewhere, then all ends. */
@Injectable()
export class Drain {
  #hasBegun = false;

  constructor(private readonly endpoints: StompEndpoints) {}

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Closes sockets and ends streams, spread over `ms`, so that their clients don't all come to another node at once. */
  async begin(ms: number): Promise<void> {
    this.#hasBegun = true;
    await this.endpoints.drain(ms);
  }
}
