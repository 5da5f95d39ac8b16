import {
  useEffect,
  useId,
  useRef,
  useState,
  type KeyboardEventHandler,
  type ReactNode,
  type RefObject,
} from 'react';

export interface PopoverControl {
  readonly isOpen: boolean;
  readonly id: string;
  readonly root: RefObject<HTMLDivElement | null>;
  readonly opener: RefObject<HTMLButtonElement | null>;
  readonly toggle: () => void;
  readonly close: () => void;
}

/** Opens beside its button, non-modal: Escape and a click elsewhere close it, Escape gives the focus back. */
export function usePopover(): PopoverControl {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!isOpen) return undefined;
    const leave = new AbortController();
    const { signal } = leave;
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        setOpen(false);
        opener.current?.focus();
      },
      { signal },
    );
    document.addEventListener(
      'pointerdown',
      (event) => {
        if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
      },
      { signal },
    );
    return () => leave.abort();
  }, [isOpen]);

  return {
    isOpen,
    id,
    root,
    opener,
    toggle: () => setOpen((open) => !open),
    close() {
      setOpen(false);
      opener.current?.focus();
    },
  };
}

interface PopoverProps {
  readonly control: PopoverControl;
  readonly label: string;
  readonly className: string;
  readonly onKeyDown?: KeyboardEventHandler<HTMLElement>;
  readonly children: ReactNode;
}

/** Takes the focus when it opens, so that what it holds is the next thing to read. */
export function Popover({ control, label, className, onKeyDown, children }: PopoverProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => ref.current?.focus(), []);
  return (
    <div
      ref={ref}
      id={control.id}
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      className={`popover ${className}`}
      onKeyDown={onKeyDown}
    >
      {children}
    </div>
  );
}
