import { readFile, writeFile } from 'node:fs/promises';
import { codes } from '../../src/clinic/errors.js';
import { PAGE, pageWith } from './error-codes.js';

/** `npm run error-codes`: writes the first columns of docs/errors.md. */
await writeFile(PAGE, pageWith(await readFile(PAGE, 'utf8'), codes));
