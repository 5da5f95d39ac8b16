import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';

/** An AbortSignal: the client of this request has left before it was answered. */
export const Left = createParamDecorator((_: unknown, context: ExecutionContext): AbortSignal => {
  const http = context.switchToHttp();
  const { socket } = http.getRequest<Request>();
  const departure = new AbortController();
  const leave = (): void => departure.abort();
  if (socket.destroyed) leave();
  // Not the response's own 'close': an answer that waits behind others on its socket hears none.
  socket.once('close', leave);
  http.getResponse<Response>().once('close', () => socket.off('close', leave));
  return departure.signal;
});
