import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';
import { mainPlace, placeOf } from './focus.js';
import { Icon } from './icon.js';
import { enterModal } from './modal.js';
import './dialog.css';
import { say } from '../words/words.js';

interface DialogProps {
  readonly title: string;
  readonly subtitle?: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** Modal: the browser keeps the focus inside, closes it on Escape and gives the focus back. */
export function Dialog({ title, subtitle, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  // In the layout phase: the browser gives the focus back only while the dialog is still in the page.
  useLayoutEffect(() => {
    const dialog = ref.current;
    const opener = document.activeElement;
    const place = placeOf(opener);
    dialog?.showModal();
    const leave = dialog ? enterModal(dialog) : undefined;
    return () => {
      leave?.();
      dialog?.close();
      // What the dialog did may take its opener away: before, or in this very render, after the focus went back to it.
      queueMicrotask(() => {
        if (opener?.isConnected !== true) (place?.isConnected === true ? place : mainPlace())?.focus();
      });
    };
  }, []);

  return (
    <dialog
      ref={ref}
      className="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="dialog__body words">
        <header className="dialog__head">
          <div>
            <h2 id={titleId}>{title}</h2>
            {subtitle !== undefined && <p className="muted">{subtitle}</p>}
          </div>
          <button type="button" className="icon-button" aria-label={say('common.close')} onClick={onClose}>
            <Icon name="cross" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
