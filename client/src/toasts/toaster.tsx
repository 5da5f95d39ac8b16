import {
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
  type FocusEvent,
  type RefObject,
} from 'react';
import { createPortal } from 'react-dom';
import { useDesk } from '../app/app-context.js';
import { go } from '../app/router.js';
import { pageOf } from '../messages/address.js';
import { useReveal } from '../appointments/use-reveal.js';
import { useStore } from '../state/use-store.js';
import { mainPlace } from '../ui/focus.js';
import { Icon, type IconName } from '../ui/icon.js';
import { modals } from '../ui/modal.js';
import type { Toast } from './toast-queue.js';
import './toaster.css';
import { say } from '../words/words.js';
import { Text } from '../ui/text.js';

const showMs = 6_000;

const icons: Readonly<Record<Toast['tone'], IconName>> = {
  news: 'bell',
  alert: 'cross',
  error: 'cross',
  announcement: 'megaphone',
};

/** Inside of the modal dialog while there is one, since nothing else can be reached then. */
export function Toaster() {
  const modal = useStore(modals).at(-1);
  return modal ? createPortal(<Alerts canShow={false} />, modal) : <Alerts canShow />;
}

/**
 * F6 leads here from anywhere. Time stands still while somebody is in it, or can't see it.
 * @param canShow whether a toast may lead to its appointment: not from a dialog, which would be left in the middle
 */
function Alerts({ canShow }: { readonly canShow: boolean }) {
  const { toasts } = useDesk();
  const shown = useStore(toasts.shown);
  const [isHovered, setHovered] = useState(false);
  const region = useRef<HTMLElement>(null);
  const { isFocused, onFocus, onBlur } = useFocusWithin(region, shown);
  const isPaused = [usePageHidden(), isHovered, isFocused].includes(true);
  useF6(region);

  return (
    <section
      ref={region}
      aria-label={say('toasts.alerts')}
      tabIndex={-1}
      className="toaster"
      // Not enter: the pointer may still be inside after a dismissal.
      onPointerMove={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
      onFocus={onFocus}
      onBlur={onBlur}
    >
      <ul>
        {shown.map((toast) => (
          <ToastCard
            key={toast.id}
            toast={toast}
            isPaused={isPaused}
            canShow={canShow}
            onDismiss={() => {
              // The browser doesn't say that the pointer left what is taken from under it.
              setHovered(false);
              toasts.dismiss(toast.id);
            }}
          />
        ))}
      </ul>
    </section>
  );
}

interface ToastCardProps {
  readonly toast: Toast;
  readonly isPaused: boolean;
  readonly canShow: boolean;
  readonly onDismiss: () => void;
}

function ToastCard({ toast, isPaused, canShow, onDismiss }: ToastCardProps) {
  const reveal = useReveal();
  const textId = useId();
  const { tone, title, text, isSticky, appointmentId, conversationId } = toast;
  useTimeLimit(isSticky || isPaused, onDismiss);

  return (
    <li className={`toast toast--${tone}`}>
      <span className="toast__icon">
        <Icon name={icons[tone]} size={20} />
      </span>
      <div className="toast__words">
        <p className="toast__title">{title}</p>
        <p id={textId} className="toast__text">
          <Text>{text}</Text>
        </p>
        {canShow && (appointmentId ?? conversationId) !== undefined && (
          <button
            type="button"
            aria-describedby={textId}
            className="button button--quiet button--small toast__show"
            onClick={() => {
              onDismiss();
              if (appointmentId !== undefined) reveal(appointmentId);
              else if (conversationId !== undefined) go(pageOf(conversationId));
            }}
          >
            {say('toasts.show')}
          </button>
        )}
      </div>
      <button
        type="button"
        className="icon-button icon-button--small"
        aria-label={say('toasts.dismiss', { title })}
        onClick={onDismiss}
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
    const startedAt = performance.now();
    const timer = setTimeout(() => over.current(), leftMs.current);
    return () => {
      clearTimeout(timer);
      leftMs.current -= performance.now() - startedAt;
    };
  }, [isHalted]);
}

/** Whether the focus is inside. It doesn't get lost with a toast that goes: the next one has it, or who had it before. */
function useFocusWithin(region: RefObject<HTMLElement | null>, shown: readonly Toast[]) {
  const [isFocused, setFocused] = useState(false);
  const cameFrom = useRef<HTMLElement>(null);

  useLayoutEffect(() => {
    // The browser sends no blur for an element that was taken away.
    if (!isFocused || region.current?.contains(document.activeElement) === true) return;
    const next = shown.length > 0 ? region.current : null;
    if (!next) setFocused(false);
    const before = cameFrom.current?.isConnected === true ? cameFrom.current : mainPlace();
    (next?.querySelector<HTMLElement>('li:last-child > button') ?? before)?.focus();
  }, [region, shown, isFocused]);

  return {
    isFocused,
    onFocus: ({ relatedTarget }: FocusEvent) => {
      setFocused(true);
      const isOutside = !(relatedTarget instanceof Node && region.current?.contains(relatedTarget) === true);
      if (isOutside && relatedTarget instanceof HTMLElement) cameFrom.current = relatedTarget;
    },
    onBlur: () => setFocused(false),
  };
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

function useF6(region: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const leave = new AbortController();
    addEventListener(
      'keydown',
      (event) => {
        // Without a toast the key is the browser's.
        if (event.key !== 'F6' || !region.current?.querySelector('li')) return;
        event.preventDefault();
        region.current.focus();
      },
      { signal: leave.signal },
    );
    return () => leave.abort();
  }, [region]);
}
