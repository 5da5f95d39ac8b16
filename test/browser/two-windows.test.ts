import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import {
  blockWebSocket,
  inBrowser,
  launch,
  noBrowser,
  openWindow,
  patienceMs,
  row,
  signInAs,
  toasts,
} from './windows.js';

describe.skipIf(noBrowser)(
  inBrowser('a patient and a doctor in two windows'),
  { timeout: patienceMs },
  () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launch();
    }, patienceMs);

    afterAll(async () => {
      await browser?.close();
      await stopServers();
    });

    describe.each([
      ['WebSocket', () => Promise.resolve()],
      ['SockJS xhr-streaming', blockWebSocket],
    ])('over %s', (transport, prepare) => {
      let server: RunningServer;
      let patient: Page;
      let doctor: Page;

      beforeAll(async () => {
        server = await startServer();
        [patient, doctor] = await Promise.all([openWindow(browser, server), openWindow(browser, server)]);
        await Promise.all([prepare(patient), prepare(doctor)]);
        await Promise.all([signInAs(patient, 'Patient'), signInAs(doctor, 'Doctor')]);
      }, patienceMs);

      it('the page says over which transport it is live', async () => {
        for (const page of [patient, doctor]) {
          const chip = page.getByRole('button', { name: `Connection: Live - ${transport}`, exact: true });
          expect(await chip.isVisible()).toBe(true);
        }
      });

      it('the doctor’s toast appears after the patient has booked by clicks', async () => {
        await patient.getByRole('button', { name: 'Book appointment' }).click();
        const dialog = patient.getByRole('dialog', { name: 'Book an appointment' });
        await dialog
          .getByRole('combobox', { name: 'Doctor' })
          .selectOption({ label: 'Dr. Amara Osei, General practice' });
        await dialog.getByRole('button', { name: 'Next day' }).click();
        await dialog.getByRole('radio', { name: '10:00' }).check();
        await dialog.getByLabel('Reason').fill('Knee pain');
        await dialog.getByRole('button', { name: 'Book', exact: true }).click();

        const toast = toasts(doctor).filter({ hasText: 'Paula Brandt booked an appointment with you' });
        await toast.waitFor();
        await doctor.getByRole('button', { name: 'Notifications, 1 new' }).waitFor();
        const said = doctor.getByTestId('said-politely').getByText('Paula Brandt booked');
        await said.waitFor();
        expect(await said.count()).toBe(1);
      });

      it('the patient sees the appointment and the bell, and no toast for the own act', async () => {
        await row(patient, 'Dr. Amara Osei').getByText('Booked', { exact: true }).waitFor();
        await patient.getByRole('button', { name: 'Notifications, 1 new' }).waitFor();

        expect(await toasts(patient).count()).toBe(0);
      });

      it('opening the bell clears the badge; a click on the row reads it and leads to its day', async () => {
        await doctor.getByRole('button', { name: 'Notifications, 1 new' }).click();
        await doctor.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
        const panel = doctor.getByRole('dialog', { name: 'Notifications' });
        await panel.getByRole('button', { name: 'Mark 1 read' }).waitFor();
        await panel.getByRole('button', { name: /New appointment.*Unread/ }).click();

        await row(doctor, 'Knee pain').waitFor();
        await expect.poll(() => new URL(doctor.url()).pathname).toMatch(/^\/day\/\d{4}-\d\d-\d\d$/);
        await doctor.getByRole('button', { name: 'Notifications', exact: true }).click();
        await panel.getByRole('button', { name: 'Mark 1 read' }).waitFor({ state: 'detached' });
        await doctor.keyboard.press('Escape');
      });

      it('a rescheduled appointment moves in the doctor’s list and says from when to when', async () => {
        await patient.getByRole('button', { name: /^Reschedule Dr. Amara Osei/ }).click();
        const dialog = patient.getByRole('dialog', { name: 'Reschedule' });
        await dialog.getByRole('radio', { name: '15:30' }).check();
        await dialog.getByRole('button', { name: 'Move appointment' }).click();

        await toasts(doctor).filter({ hasText: 'Appointment moved' }).waitFor();
        await doctor.getByText('Moved from 10:00 to 15:30').waitFor();
        await patient.getByText('Moved from 10:00 to 15:30').waitFor();
      });

      it('the patient sees at once that the doctor has checked him in', async () => {
        await doctor.getByRole('button', { name: 'More for Paula Brandt, 15:30' }).click();
        const item = doctor.getByRole('button', { name: /^Check in From .* on$/ });
        expect(await item.getAttribute('aria-disabled')).toBe('true');
        await doctor.keyboard.press('Escape');
        await checkIn(server);

        await row(patient, 'Dr. Amara Osei').getByText('Checked in', { exact: true }).waitFor();
        await toasts(patient).filter({ hasText: 'You are checked in' }).waitFor();
      });

      it('a cancellation reaches the other side with its reason and stays until it is dismissed', async () => {
        await patient.getByRole('button', { name: /^Cancel Dr. Amara Osei/ }).click();
        const dialog = patient.getByRole('dialog', { name: 'Cancel this appointment?' });
        await dialog.getByLabel('Reason').fill('Feeling better');
        await dialog.getByRole('button', { name: 'Cancel appointment' }).click();

        const toast = toasts(doctor).filter({ hasText: 'Feeling better' });
        await toast.waitFor();
        await doctor.getByTestId('said-at-once').getByText('Feeling better').waitFor();
        await toast.getByRole('button', { name: 'Dismiss: Appointment cancelled' }).click();
        await toast.waitFor({ state: 'detached' });
        await patient.getByRole('link', { name: 'Cancelled' }).click();
        await row(patient, 'Dr. Amara Osei').getByText('Cancelled', { exact: true }).waitFor();
      });

      it('everything is still there after a reload', async () => {
        await doctor.reload();
        await row(doctor, 'Knee pain').getByText('Cancelled', { exact: true }).waitFor();
        await doctor.getByRole('button', { name: /^Notifications/ }).click();

        const panel = doctor.getByRole('dialog', { name: 'Notifications' });
        await panel.getByText('Appointment cancelled').waitFor();
        expect(await panel.getByRole('listitem').count()).toBe(4);
      });
    });
  },
);

/** As the front desk may, days before: the page offers it from the day on. */
async function checkIn(server: RunningServer): Promise<void> {
  const desk = await signIn(server.url, 'doctor@example.org');
  const { items } = await desk.get<{ readonly items: readonly { readonly id: number }[] }>(
    '/api/appointments',
  );
  for (const { id } of items) await desk.put(`/api/appointments/${id}/status`, { status: 'checked-in' });
}
