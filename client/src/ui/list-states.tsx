import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.js';
import './list-states.css';
import { say } from '../words/words.js';

/** Grey rows in the shape of what will come. */
export function Skeleton({ label, rows = 3 }: { readonly label: string; readonly rows?: number }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="skeleton__row" aria-hidden="true" />
      ))}
    </div>
  );
}

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}

/** Nothing there, and what to do about it. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div className="empty">
      <span className="empty__icon">
        <Icon name={icon} size={26} />
      </span>
      <p className="empty__title">{title}</p>
      {children}
    </div>
  );
}

export function LoadError({ text, onRetry }: { readonly text: string; readonly onRetry: () => void }) {
  return (
    <div className="load-error" role="alert">
      <p>{text}</p>
      <button type="button" className="button" onClick={onRetry}>
        <Icon name="refresh" size={18} />
        {say('common.retry')}
      </button>
    </div>
  );
}
