import { useEffect, useState, type ReactNode } from 'react';
import { say } from '../words/words.js';

/** For so long it is offered. */
const undoMs = 10_000;

interface Offer {
  readonly what: string;
  readonly undo: () => Promise<void>;
}

/** The last thing that was done, and the way back, for ten seconds. */
export function useUndo(): {
  readonly undo: ReactNode;
  readonly offer: (what: string, undo: () => Promise<void>) => void;
} {
  const [offered, setOffered] = useState<Offer | null>(null);
  useEffect(() => {
    if (!offered) return undefined;
    const timer = setTimeout(() => setOffered(null), undoMs);
    return () => clearTimeout(timer);
  }, [offered]);
  return {
    offer: (what, undo) => setOffered({ what, undo }),
    undo: (
      <div role="status" className="undo-bar">
        {offered && (
          <>
            <span>{offered.what}</span>
            <button
              type="button"
              className="button button--small"
              onClick={() => {
                setOffered(null);
                void offered.undo();
              }}
            >
              {say('common.undo')}
            </button>
          </>
        )}
      </div>
    ),
  };
}
