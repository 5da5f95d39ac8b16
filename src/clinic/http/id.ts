import { z } from 'zod';

/** In a body, be it a request's or an answer's. */
export const idSchema = z.int().positive();

/** In a path. Digits alone, since Number() takes ' 1', '1e0' and '0x1' as well: one thing has one address. */
export const pathIdSchema = z
  .string()
  .regex(/^[1-9]\d*$/, 'must be a number')
  .transform(Number)
  .pipe(idSchema);
