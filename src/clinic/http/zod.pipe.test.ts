import { expect, it } from 'vitest';
import { z } from 'zod';
import { ZodPipe } from './zod.pipe.js';

it('tells ten faults of a value that has thousands', () => {
  const pipe = new ZodPipe(z.array(z.number()));

  const parsed = (): unknown => pipe.transform(Array.from({ length: 5_000 }, () => 'x'));

  const errors = Array.from({ length: 10 }, (_, i) => expect.objectContaining({ path: `${i}` }) as unknown);
  expect(parsed).toThrow(expect.objectContaining({ details: { errors } }));
});
