import type { Http } from './http.js';
import type {
  AlertPage,
  AlertStory,
  Delivery,
  DeliverySummary,
  DeviceOfPerson,
  ListedReminder,
  Page,
} from './types.js';

/** Where deliveries stand. */
export type DeliveryState = Delivery['state'];
/** Where reminders stand. */
export type ReminderState = ListedReminder['state'];

/** How the channels do. */
export function deliverySummary(http: Http): Promise<DeliverySummary> {
  return http('/deliveries/summary');
}

/** What went, or is to go, outside the page, the newest first. */
export function listDeliveries(
  http: Http,
  state: DeliveryState,
  before: string | null,
): Promise<Page<Delivery>> {
  return http(`/deliveries?${queryOf({ state, before })}`);
}

/** What people are to be reminded of, or were; of everybody, or of one person. */
export function listReminders(
  http: Http,
  { state, recipientId, after }: { state: ReminderState; recipientId?: number; after?: string | null },
): Promise<Page<ListedReminder>> {
  return http(`/reminders?${queryOf({ state, recipientId, after })}`);
}

/** The browsers that take pushes; of everybody, or of one person. */
export function listAllDevices(
  http: Http,
  { userId, before }: { userId?: number; before?: string | null },
): Promise<Page<DeviceOfPerson>> {
  return http(`/deliveries/devices?${queryOf({ userId, before })}`);
}

/** What somebody was told, the newest first. */
export function listAlerts(http: Http, userId: number, before: string | null): Promise<AlertPage> {
  return http(`/alerts?${queryOf({ userId, before })}`);
}

/** One of them, from the change that caused it to each device. */
export function followAlert(http: Http, id: number): Promise<AlertStory> {
  return http(`/alerts/${id}`);
}

/** Pages are long enough to be looked through, and no longer. */
const pageSize = 25;

function queryOf(given: Readonly<Record<string, string | number | null | undefined>>): URLSearchParams {
  const query = new URLSearchParams({ limit: String(pageSize) });
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && value !== null) query.set(name, String(value));
  return query;
}
