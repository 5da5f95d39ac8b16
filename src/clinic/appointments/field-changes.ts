import type { AppointmentColumns } from './appointment.entity.js';
import type { AppointmentEvent } from './appointment-event.js';
import { changeSchema } from './schemas.js';

/** A field of an appointment before and after an event, as JSON has it; null is nothing. */
export interface FieldChange {
  readonly field: (typeof changedFields)[number];
  readonly from: Value;
  readonly to: Value;
}

/** @param before undefined where the appointment was booked by the event */
export function fieldChanges(
  before: AppointmentColumns | undefined,
  after: AppointmentColumns,
  event: AppointmentEvent,
): FieldChange[] {
  const changes: FieldChange[] = fields
    .map((field) => ({ field, from: before ? valueOf(before[field]) : null, to: valueOf(after[field]) }))
    .filter(({ from, to }) => from !== to);
  if (event.type === 'appointment.cancelled' && event.reason !== undefined)
    changes.push({ field: 'cancellationReason', from: null, to: event.reason });
  return changes;
}

type Value = string | number | null;

const fields = [...changeSchema.keyof().options, 'status'] as const;

/** Fields of the history: those of an appointment that change, and what was said at its cancellation. */
export const changedFields = [...fields, 'cancellationReason'] as const;

function valueOf(value: Date | Value): Value {
  return value instanceof Date ? value.toISOString() : value;
}
