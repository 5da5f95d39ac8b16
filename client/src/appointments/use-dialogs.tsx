import { useState, type ReactNode } from 'react';
import { useDesk } from '../app/app-context.js';
import type { Appointment } from '../api/types.js';
import { useStore } from '../state/use-store.js';
import { BookingDialog, type BookingStart } from './booking-dialog.js';
import { CancelDialog } from './cancel-dialog.js';
import { RescheduleDialog } from './reschedule-dialog.js';

type Open =
  | { readonly kind: 'book'; readonly start: BookingStart }
  | { readonly kind: 'reschedule' | 'cancel'; readonly id: number };

export interface Dialogs {
  readonly book: (start?: BookingStart) => void;
  readonly reschedule: (appointment: Appointment) => void;
  readonly cancel: (appointment: Appointment) => void;
  /** The open one, to be put into the page. */
  readonly element: ReactNode;
}

export function useDialogs(): Dialogs {
  const { calendar } = useDesk();
  const { rows } = useStore(calendar.state);
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return {
    book: (start = {}) => setOpen({ kind: 'book', start }),
    reschedule: ({ id }) => setOpen({ kind: 'reschedule', id }),
    cancel: ({ id }) => setOpen({ kind: 'cancel', id }),
    element: elementOf(open),
  };

  function elementOf(dialog: Open | null): ReactNode {
    if (!dialog) return null;
    if (dialog.kind === 'book') return <BookingDialog {...dialog.start} onClose={close} />;
    // By its id, so that the dialog shows what the appointment has become meanwhile.
    const appointment = rows.get(dialog.id);
    if (!appointment) return null;
    const Dialog = dialog.kind === 'cancel' ? CancelDialog : RescheduleDialog;
    return <Dialog appointment={appointment} onClose={close} />;
  }
}
