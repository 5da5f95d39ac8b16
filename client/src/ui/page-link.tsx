import type { ReactNode } from 'react';
import { go, hrefOf } from '../app/router.js';

interface PageLinkProps {
  /** Below the root: `/week`. */
  readonly to: string;
  readonly className?: string;
  readonly label?: string;
  readonly isCurrent?: boolean;
  readonly children: ReactNode;
}

/** A link to another page of this application: a plain click stays in it, every other one is the browser's. */
export function PageLink({ to, className, label, isCurrent, children }: PageLinkProps) {
  return (
    <a
      href={hrefOf(to)}
      className={className}
      aria-label={label}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
