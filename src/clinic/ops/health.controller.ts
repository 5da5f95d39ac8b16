import { Controller, Get, Header } from '@nestjs/common';
import { Refusal } from '../errors.js';
import { Public } from '../auth/access.js';
import { Drain } from './drain.js';
import { DatabaseProbe } from './database-probe.js';

/** What a balancer and a supervisor ask. */
@Public()
@Controller()
export class HealthController {
  constructor(
    private readonly drain: Drain,
    private readonly database: DatabaseProbe,
  ) {}

  /** Whether the process works at all; one that isn't live is started anew, which cures no database. */
  @Get('livez')
  @Header('Cache-Control', 'no-store')
  live(): { status: string } {
    return { status: 'live' };
  }

  /** Whether requests should come here. */
  @Get('readyz')
  @Header('Cache-Control', 'no-store')
  async ready(): Promise<{ status: string }> {
    if (this.drain.hasBegun) throw new Refusal('unavailable', 'This node is going away.');
    if (!(await this.database.answers())) throw new Refusal('unavailable', 'The database does not answer.');
    return { status: 'ready' };
  }
}
