import type { ReactNode } from 'react';
import { Mark } from '../ui/mark.js';
import { Belfry } from './belfry.js';
import './front.css';
import { say } from '../words/words.js';

/** The two pages before the door: who we are on one side, what to do on the other. */
export function Front({ children }: { readonly children: ReactNode }) {
  return (
    <div className="front">
      <aside className="front__side">
        <p className="brand brand--front">
          <Mark size={36} />
          <span className="brand__name">Carillon</span>
        </p>
        <Belfry />
        <p className="front__claim">{say('front.claim')}</p>
        <p className="front__more">{say('front.more')}</p>
      </aside>
      <main id="main" className="front__main">
        <div className="front__box">{children}</div>
      </main>
    </div>
  );
}
