import { median } from './figures.js';
import { LoadError } from './load.js';
import type { Target } from './target.js';

/** What came of it, and which peers can't carry this much. */
export interface Comparison<Figures> {
  readonly measured: readonly (Figures & { readonly server: string })[];
  readonly remarks: readonly string[];
}

/**
 * Measures each target as often as asked; they take turns, so that a busy moment of the machine meets them all.
 * @param figure the run in the middle by this one is taken
 * @throws {LoadError} Carillon can't carry it
 */
export async function sideBySide<Figures>(
  targets: readonly Target[],
  repeat: number,
  measure: (target: Target) => Promise<Figures>,
  figure: (figures: Figures) => number,
): Promise<Comparison<Figures>> {
  const runs = new Map(targets.map(({ name }) => [name, [] as Figures[]]));
  const remarks: string[] = [];
  for (let round = 0; round < repeat; round++) {
    for (const target of targets) {
      const figures = runs.get(target.name);
      // One that has failed isn't tried again.
      if (!figures) continue;
      try {
        figures.push(await measure(target));
      } catch (error) {
        if (!(error instanceof LoadError) || target.name.startsWith('carillon')) throw error;
        runs.delete(target.name);
        remarks.push(`${target.name} has no figures: ${error.message}`);
      }
    }
  }
  return {
    measured: [...runs].map(([server, figures]) => ({ ...median(figures, figure), server })),
    remarks,
  };
}

/** How a peer's figure compares with Carillon's; NaN where Carillon wasn't measured. */
export function timesCarillon<Figures extends { readonly server: string }>(
  all: readonly Figures[],
  one: Figures,
  figure: (figures: Figures) => number,
): number {
  const own = all.find(({ server }) => server === 'carillon');
  return own ? figure(one) / figure(own) : Number.NaN;
}
