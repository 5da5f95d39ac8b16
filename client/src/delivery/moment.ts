import { useDesk } from '../app/app-context.js';
import { useStore } from '../state/use-store.js';
import { formatter } from '../time/day.js';
import { locale } from '../words/words.js';

/** Instants by the clinic's clock: "28 Nov 2026, 10:03:11". Seconds tell which was first; what is planned by minutes has none. */
export function useMoment(timeStyle: 'medium' | 'short' = 'medium'): (instant: string) => string {
  const zone = useStore(useDesk().clinic)?.zone;
  const format = formatter(locale(), {
    ...(zone !== undefined && { timeZone: zone }),
    dateStyle: 'medium',
    timeStyle,
  });
  return (instant) => format.format(Date.parse(instant));
}
