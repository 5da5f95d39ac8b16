import { AnnouncementCursor, announcementToast } from '../announcements/announcement.js';
import { AnnouncementList } from '../announcements/announcement-list.js';
import { getClinic } from '../api/appointments.js';
import type { Http } from '../api/http.js';
import { explain } from '../api/problem.js';
import type { Clinic, Notification, User } from '../api/types.js';
import { Calendar } from '../appointments/calendar.js';
import { inboxByRest } from '../inbox/inbox-api.js';
import { Inbox } from '../inbox/inbox.js';
import { isOpen } from '../inbox/inbox-list.js';
import { Report } from '../inbox/report.js';
import { Messages } from '../messages/messages.js';
import { Outbox } from '../messages/outbox.js';
import { getChannels, tellShown } from '../api/preferences.js';
import { ringingOf } from '../notices/ringing.js';
import { ring } from '../notices/sound.js';
import { ThisDevice } from '../notices/this-device.js';
import { showCount } from '../notices/title.js';
import { followLanguage } from '../preferences/follow-language.js';
import { Wishes } from '../preferences/wishes.js';
import { appointmentOf, conversationOf } from '../notifications/kinds.js';
import { toastFor, toastForMissed } from '../notifications/ring.js';
import { KeptValue } from '../offline/kept-value.js';
import type { OfflineStore } from '../offline/offline-store.js';
import { browserClock, type Clock } from '../realtime/clock.js';
import { Realtime } from '../realtime/realtime.js';
import type { Renewal } from '../session/renewal.js';
import type { Announcer } from '../toasts/announcer.js';
import type { Toasts } from '../toasts/toasts.js';
import { clock } from '../state/clock.js';
import { createStore, type Readable } from '../state/store.js';
import { keyOf, root } from './root.js';
import { say } from '../words/words.js';

/** All that one signed-in user works with. It lives from sign-in to sign-out. */
export interface Desk {
  readonly user: User;
  readonly http: Http;
  readonly realtime: Realtime;
  readonly calendar: Calendar;
  readonly inbox: Inbox<Notification>;
  readonly announcements: AnnouncementList;
  readonly messages: Messages;
  readonly toasts: Toasts;
  readonly wishes: Wishes;
  /** This browser, as far as it shows notices outside of the page. */
  readonly device: ThisDevice;
  /** Whether the user booked something since they signed in here. */
  readonly hasBooked: Readable<boolean>;
  /** Undefined until it is known. */
  readonly clinic: Readable<Clinic | undefined>;
  /** Ends it. */
  clear(): void;
  /** Deletes what this tab keeps beyond a reload: its person is here no more. */
  forget(): void;
}

interface DeskParts {
  readonly user: User;
  readonly http: Http;
  readonly renewal: Renewal;
  /** Keeps what the page shows, for one that is loaded without a network. */
  readonly storage: OfflineStore;
  readonly toasts: Toasts;
  readonly announcer: Announcer;
  readonly onUnauthorized: (code: string) => void;
}

/** What is kept says when it was known by the server's clock: this computer's may be set meanwhile. */
const serverTime: Clock = { ...browserClock, now: () => clock.now() };

/** Where the page's destinations are heard as Server-Sent Events. */
const streams: ReadonlyMap<string, string> = new Map([
  ['/user/queue/notifications', new URL('api/notifications/stream', root).href],
  ['/topic/announcements', new URL('api/events?topic=/topic/announcements', root).href],
]);

/** Makes what a signed-in person works with; `clear` ends it. */
export function openDesk({ user, http, renewal, storage, ...parts }: DeskParts): Desk {
  const { toasts, announcer, onUnauthorized } = parts;
  const realtime: Realtime = new Realtime({
    url: new URL('ws', root).href,
    token: (ask) => renewal.token(ask),
    onUnauthorized,
    // Of one user: another one may be signed in in another tab.
    sharedAs: keyOf(`carillon.realtime.${user.id}`),
    streamOf: (destination) => streams.get(destination),
    async ask(): Promise<boolean> {
      await calendar.reload();
      await messages.catchUp();
      return inbox.lookAgain();
    },
  });
  const calendar = new Calendar(http, storage, serverTime);
  const clinic = createStore<Clinic | undefined>(undefined);
  const wishes = new Wishes(http);
  const device = new ThisDevice(http, user.id, async () => (await getChannels(http)).pushKey);
  const hasBooked = createStore(false);
  const shown = new Report((ids) => tellShown(http, ids), { clock: browserClock, delayMs: 300, limit: 100 });

  /** For the ear, and for who looks elsewhere. */
  function alert(notification: Notification): void {
    const { preferences } = wishes.state.get();
    const { type, data, id } = notification;
    if (type === 'appointment.created' && data['by'] === user.id) hasBooked.set(true);
    const { toast: isShown, sound, notice } = ringingOf(notification, preferences, user.id, Date.now());
    const toast = isShown ? toastFor(notification, user.id) : undefined;
    if (toast) toasts.show(toast);
    if (sound) ring(id);
    const isInView = document.visibilityState === 'visible';
    if (toast && isInView) shown.add([id]);
    if (notice && !isInView && preferences) {
      const text = preferences.noticeDetail === 'full' ? notification.message : say('notice.some');
      void device.show(id, 'Carillon', text).catch(() => undefined);
    }
  }

  const inbox: Inbox<Notification> = new Inbox<Notification>({
    realtime,
    api: inboxByRest(http),
    storage,
    clock: serverTime,
    onRing(notification) {
      const appointment = appointmentOf(notification);
      if (appointment) void calendar.refresh(appointment.appointmentId);
      const conversation = conversationOf(notification);
      // Conversations have no stream: where there is no connection, the bell says that something was said.
      if (conversation !== undefined && !realtime.canSend) void messages.catchUp();
      if (conversation !== undefined && messages.isLookedAt(conversation)) return;
      alert(notification);
    },
    onCaughtUp(missed) {
      void calendar.reload();
      void learnClinic();
      void wishes.load();
      const toast = toastForMissed(missed, user.id);
      if (toast) toasts.show(toast);
    },
    onFailure(error) {
      const text = say('inbox.notChanged', { why: explain(error) });
      toasts.show({ tone: 'error', title: say('inbox.notSaved'), text, isSticky: true, about: [] });
    },
  });

  const outbox = new Outbox(sessionStorage, keyOf(`carillon.outbox.${user.id}`));
  const messages: Messages = new Messages(
    http,
    realtime,
    user.id,
    outbox,
    { onHeard: ({ senderName, text }) => announcer.say(`${senderName}: ${text}`, 'polite') },
    storage,
  );
  const announcements = new AnnouncementList(http);

  /** Whether it was one. */
  function announce(body: unknown): boolean {
    const toast = announcementToast(body);
    if (toast) toasts.show(toast);
    announcements.arrived();
    return toast !== undefined;
  }

  const keptClinic = new KeptValue<Clinic>({ store: storage, key: 'clinic', version: 1, clock: serverTime });
  async function learnClinic(): Promise<void> {
    try {
      const value = await getClinic(http);
      clinic.set(value);
      keptClinic.save(() => ({ value, asOf: serverTime.monotonic() }));
    } catch {
      // Asked again after the next reconnect; until then it is as a former page knew it, or the browser's own clock
      // shows what day it is.
      const known = await keptClinic.load();
      clinic.update((now) => now ?? known?.value);
    }
  }

  const endLanguage = followLanguage(wishes, keyOf(`carillon.language.${user.id}`));
  void learnClinic();
  void wishes.load();
  void device.resume();
  const ends = [inbox.start(), messages.start(), calendar.start(), () => keptClinic.end()];
  const unsettle = inbox.state.subscribe(() => {
    const { list } = inbox.state.get();
    showCount(list.counts.unseen);
    toasts.settle((id) => isOpen(list, id));
  });
  const lastAnnouncement = new AnnouncementCursor(localStorage, keyOf(`carillon.announcements.${user.id}`));
  realtime.subscribe({
    destination: '/topic/announcements',
    since: () => lastAnnouncement.since(),
    onMessage({ body, cursor }) {
      if (announce(body) && cursor !== undefined) lastAnnouncement.had(cursor);
    },
  });
  renewal.start();
  realtime.start();

  return {
    ...{ user, http, realtime, calendar, inbox, announcements, messages, toasts, clinic },
    ...{ wishes, device, hasBooked },
    clear() {
      unsettle();
      endLanguage();
      ends.forEach((end) => end());
      shown.end();
      showCount(0);
      realtime.stop();
      renewal.stop();
      toasts.clear();
    },
    forget: () => outbox.keep([]),
  };
}
