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
import { Messages } from '../messages/messages.js';
import { Outbox } from '../messages/outbox.js';
import { getChannels, tellShown } from '../api/preferences.js';
import { ringingOf } from '../notices/ringing.js';
import { ShownReport } from '../notices/shown-report.js';
import { ring } from '../notices/sound.js';
import { ThisDevice } from '../notices/this-device.js';
import { showCount } from '../notices/title.js';
import { followLanguage } from '../preferences/follow-language.js';
import { Wishes } from '../preferences/wishes.js';
import { appointmentOf, conversationOf } from '../notifications/kinds.js';
import { toastFor, toastForMissed } from '../notifications/ring.js';
import { Realtime } from '../realtime/realtime.js';
import type { Renewal } from '../session/renewal.js';
import type { Announcer } from '../toasts/announcer.js';
import type { Toasts } from '../toasts/toasts.js';
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
  clear(): void;
}

interface DeskParts {
  readonly user: User;
  readonly http: Http;
  readonly renewal: Renewal;
  readonly toasts: Toasts;
  readonly announcer: Announcer;
  readonly onUnauthorized: (code: string) => void;
}

/** Where the page's destinations are heard as Server-Sent Events. */
const streams: ReadonlyMap<string, string> = new Map([
  ['/user/queue/notifications', new URL('api/notifications/stream', root).href],
  ['/topic/announcements', new URL('api/events?topic=/topic/announcements', root).href],
]);

/** Makes what a signed-in person works with; `clear` ends it. */
export function openDesk({ user, http, renewal, toasts, announcer, onUnauthorized }: DeskParts): Desk {
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
  const calendar = new Calendar(http);
  const clinic = createStore<Clinic | undefined>(undefined);
  const wishes = new Wishes(http);
  const device = new ThisDevice(http, user.id, async () => (await getChannels(http)).pushKey);
  const hasBooked = createStore(false);
  const shown = new ShownReport((ids) => tellShown(http, ids));

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
    if (toast && isInView) shown.add(id);
    if (notice && !isInView && preferences) {
      const text = preferences.noticeDetail === 'full' ? notification.message : say('notice.some');
      void device.show(id, 'Carillon', text).catch(() => undefined);
    }
  }

  const inbox: Inbox<Notification> = new Inbox<Notification>({
    realtime,
    api: inboxByRest(http),
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

  const messages: Messages = new Messages(
    http,
    realtime,
    user.id,
    new Outbox(sessionStorage, keyOf(`carillon.outbox.${user.id}`)),
    { onHeard: ({ senderName, text }) => announcer.say(`${senderName}: ${text}`, 'polite') },
  );
  const announcements = new AnnouncementList(http);

  /** Whether it was one. */
  function announce(body: unknown): boolean {
    const toast = announcementToast(body);
    if (toast) toasts.show(toast);
    announcements.arrived();
    return toast !== undefined;
  }

  async function learnClinic(): Promise<void> {
    try {
      clinic.set(await getClinic(http));
    } catch {
      // Asked again after the next reconnect; until then the browser's own clock shows what day it is.
    }
  }

  const endLanguage = followLanguage(wishes, keyOf(`carillon.language.${user.id}`));
  void learnClinic();
  void wishes.load();
  void device.resume();
  inbox.start();
  const endMessages = messages.start();
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
      endMessages();
      shown.stop();
      showCount(0);
      realtime.stop();
      renewal.stop();
      toasts.clear();
    },
  };
}
