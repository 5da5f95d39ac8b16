import { Controller, Get, Header, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Public } from '../auth/access.js';
import { Metrics } from './metrics.js';
import { Refreshed } from './refreshed.js';

/** What Prometheus asks; it holds numbers and names of queues, and nobody's name. */
@Public()
@Controller()
export class MetricsController {
  constructor(
    private readonly metrics: Metrics,
    private readonly text: Refreshed<string>,
  ) {}

  @Get('metrics')
  @Header('Cache-Control', 'no-store')
  async numbers(@Res({ passthrough: true }) response: Response): Promise<string> {
    response.type(this.metrics.contentType);
    return this.text.get();
  }
}
