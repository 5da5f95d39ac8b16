import { useStore } from '../state/use-store.js';
import type { Announcer } from './announcer.js';

/**
 * Both are in the page from its first moment and only ever get text appended: a region that comes
 * together with its text is not read out.
 */
export function LiveRegions({ announcer }: { readonly announcer: Announcer }) {
  const said = useStore(announcer.said);
  const sentences = (politeness: 'polite' | 'assertive') =>
    said
      .filter((sentence) => sentence.politeness === politeness)
      .map(({ id, text }) => <p key={id}>{text}</p>);
  return (
    <div className="sr-only">
      <div role="status" aria-live="polite" aria-atomic="false" data-testid="said-politely">
        {sentences('polite')}
      </div>
      <div role="alert" aria-live="assertive" aria-atomic="false" data-testid="said-at-once">
        {sentences('assertive')}
      </div>
    </div>
  );
}
