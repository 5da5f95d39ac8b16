import { median } from './figures.js';
import type { Target } from './target.js';

/**
 * Measures each target as often as asked; they take turns, so that a busy moment of the machine meets them all.
 * @param figure the run in the middle by this one is taken
 */
export async function sideBySide<Figures>(
  targets: readonly Target[],
  repeat: number,
  measure: (target: Target) => Promise<Figures>,
  figure: (figures: Figures) => number,
): Promise<(Figures & { readonly server: string })[]> {
  const runs = targets.map((target) => ({ target, figures: [] as Figures[] }));
  for (let round = 0; round < repeat; round++)
    for (const { target, figures } of runs) figures.push(await measure(target));
  return runs.map(({ target, figures }) => ({ ...median(figures, figure), server: target.name }));
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
