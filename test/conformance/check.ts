import assert from 'node:assert/strict';
import type { Version } from '../../src/library/stomp/version.js';
import type { Clause } from './clause.js';
import { Lab } from './lab.js';
import type { Transport } from './transport.js';

/** Checks a clause with one version over one transport, on a server of its own. Rejects where it is violated. */
export async function checkClause(clause: Clause, version: Version, transport: Transport): Promise<void> {
  const node = await transport.start(clause.limits ?? {});
  const lab = new Lab(node, version);
  try {
    await clause.check(lab);
    if (!clause.expectsFaults) assert.deepEqual(node.faults(), []);
  } catch (error) {
    if (clause.expectsFaults || node.faults().length === 0) throw error;
    throw new AggregateError([error, ...node.faults()], 'The server failed', { cause: error });
  } finally {
    lab.leave();
    await node.stop();
  }
}

/** Why a clause isn't checked over a transport; undefined where it is. */
export function reasonToSkip({ needs }: Clause, transport: Transport): string | undefined {
  return needs && transport.lacks[needs];
}
