import type { Random } from '../torture/random.js';
import type { Attacker } from './attacker.js';
import type { AttackedNode } from './attacked-node.js';

/** One way to harm a node, and everybody on it, from one address. */
export interface Scenario {
  readonly name: string;
  /** Of docs/hardening.md's headings. */
  readonly kind: number;
  /** What the attacker does, in a sentence. */
  readonly about: string;
  /** Runs in the attacker's process, round after round until `attacker.isOver`; the known inputs first, then drawn ones. */
  attack(attacker: Attacker): Promise<void>;
  /** What befalls the node itself meanwhile. Runs beside the victim, until `over`. */
  befall?(node: AttackedNode, random: Random, over: AbortSignal): Promise<void>;
  /** Time stands still on purpose: what the victim waits says nothing. */
  readonly isTimeless?: boolean;
}
