import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The version of the package, from its manifest: what it says on the wire is its API (CHANGELOG.md). */
export const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../library/package.json', import.meta.url), 'utf8')));
