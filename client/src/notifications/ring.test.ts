import { describe, expect, it } from 'vitest';
import type { Notification } from '../api/types.js';
import { toastFor, toastForMissed } from './ring.js';

const me = 7;

function rang(type: string, by: number): Notification {
  return {
    ...{
      id: 1,
      seq: 1,
      cursor: 'e:1',
      message: 'Dr. Bell moved it.',
      timestamp: '2026-11-21T10:00:00Z',
      type,
    },
    ...{
      userId: me,
      deliveredAt: null,
      data: { appointmentId: 3, by },
      isRead: false,
      isSeen: false,
      isArchived: false,
    },
  };
}

describe('a notification that rings', () => {
  it('is shown with its own words and leads to its appointment', () => {
    expect(toastFor(rang('appointment.rescheduled', 2), me)).toMatchObject({
      title: 'Appointment moved',
      text: 'Dr. Bell moved it.',
      isSticky: false,
      appointmentId: 3,
    });
  });

  it('is told in the words of its sender, whatever they look like', () => {
    const message = 'We move on 28 December 2026, 09:00: from then on, use the ramp.';

    expect(toastFor({ ...rang('message', 2), message }, me)?.text).toBe(message);
  });

  it('stays when it is a cancellation', () => {
    expect(toastFor(rang('appointment.cancelled', 2), me)).toMatchObject({ tone: 'alert', isSticky: true });
  });

  it('is not shown for one’s own act', () => {
    expect(toastFor(rang('appointment.cancelled', me), me)).toBeUndefined();
  });

  it('of an unknown type is a notice', () => {
    expect(toastFor({ ...rang('lab.result', 2), data: {} }, me)).toMatchObject({ title: 'Notice' });
  });
});

describe('what was missed', () => {
  it('is told as one', () => {
    const missed = [
      rang('appointment.created', 2),
      rang('appointment.cancelled', 2),
      rang('appointment.created', me),
    ];

    expect(toastForMissed(missed, me)).toMatchObject({
      title: 'While you were away: 2 updates',
      isSticky: true,
    });
  });

  it('is not told when it was only one’s own', () => {
    expect(toastForMissed([rang('appointment.created', me)], me)).toBeUndefined();
  });
});
