import { useEffect, useId, useRef, useState, useSyncExternalStore } from 'react';
import { useDesk } from '../app/app-context.js';
import { useReveal } from '../appointments/use-reveal.js';
import { useStore } from '../state/use-store.js';
import { Icon, type IconName } from '../ui/icon.js';
import type { Toast } from './toast-queue.js';
import './toaster.css';

const showMs = 6_000;

const icons: Readonly<Record<Toast['tone'], IconName>> = {
  news: 'bell',
  alert: 'cross',
  error: 'cross',
  announcement: 'megaphone',
};

/** F6 leads here from anywhere. Time stands still while somebody is in it, or can't see it. */
export function Toaster() {
  const { toasts } = useDesk();
  const shown = useStore(toasts.shown);
  const [isVisited, setVisited] = useState(false);
  const isPaused = usePageHidden() || isVisited;
  const region = useRef<HTMLElement>(null);
  useF6(region);

  return (
    <section
      ref={region}
      aria-label="Alerts"
      tabIndex={-1}
      className="toaster"
      onPointerEnter={() => setVisited(true)}
      onPointerLeave={() => setVisited(false)}
      onFocus={() => setVisited(true)}
      onBlur={() => setVisited(false)}
    >
      <ul>
        {shown.map((toast) => (
          <ToastCard key={toast.id} toast={toast} isPaused={isPaused} />
        ))}
      </ul>
    </section>
  );
}

function ToastCard({ toast, isPaused }: { readonly toast: Toast; readonly isPaused: boolean }) {
  const { toasts } = useDesk();
  const reveal = useReveal();
  const textId = useId();
  const { id, tone, title, text, isSticky, appointmentId } = toast;
  const dismiss = () => toasts.dismiss(id);
  useTimeLimit(isSticky || isPaused, dismiss);

  return (
    <li className={`toast toast--${tone}`}>
      <span className="toast__icon">
        <Icon name={icons[tone]} size={20} />
      </span>
      <div className="toast__words">
        <p className="toast__title">{title}</p>
        <p id={textId} className="toast__text">
          {text}
        </p>
        {appointmentId !== undefined && (
          <button
            type="button"
            aria-describedby={textId}
            className="button button--quiet button--small toast__show"
            onClick={() => {
              dismiss();
              reveal(appointmentId);
            }}
          >
            Show
          </button>
        )}
      </div>
      <button
        type="button"
        className="icon-button icon-button--small"
        aria-label={`Dismiss: ${title}`}
        onClick={dismiss}
      >
        <Icon name="cross" size={16} />
      </button>
    </li>
  );
}

/** Counts down what is left while it isn't halted. */
function useTimeLimit(isHalted: boolean, onOver: () => void): void {
  const leftMs = useRef(showMs);
  const over = useRef(onOver);
  useEffect(() => {
    over.current = onOver;
  });
  useEffect(() => {
    if (isHalted) return undefined;
    const startedAt = Date.now();
    const timer = setTimeout(() => over.current(), leftMs.current);
    return () => {
      clearTimeout(timer);
      leftMs.current -= Date.now() - startedAt;
    };
  }, [isHalted]);
}

function usePageHidden(): boolean {
  return useSyncExternalStore(
    (listener) => {
      document.addEventListener('visibilitychange', listener);
      return () => document.removeEventListener('visibilitychange', listener);
    },
    () => document.visibilityState === 'hidden',
  );
}

function useF6(region: React.RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const leave = new AbortController();
    addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'F6') return;
        event.preventDefault();
        region.current?.focus();
      },
      { signal: leave.signal },
    );
    return () => leave.abort();
  }, [region]);
}
