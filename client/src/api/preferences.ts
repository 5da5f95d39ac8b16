import type { Http } from './http.js';
import type { Channels, Device, Page, Preferences, PushTest } from './types.js';

/** Some of the preferences; what is left out stays. */
export interface PreferencesChange extends Partial<Omit<Preferences, 'kinds'>> {
  readonly kinds?: Readonly<Record<string, Partial<Preferences['kinds'][keyof Preferences['kinds']]>>>;
}

/** What the user wants to hear, and where. */
export function getPreferences(http: Http): Promise<Preferences> {
  return http('/preferences');
}

/** Changes what is given. @returns all of them */
export function changePreferences(http: Http, change: PreferencesChange): Promise<Preferences> {
  return http('/preferences', { method: 'PATCH', body: change });
}

/** The ways on which this clinic can tell people, and its key for push. */
export function getChannels(http: Http): Promise<Channels> {
  return http('/channels');
}

/** The browsers that take pushes for the user. */
export function listDevices(http: Http): Promise<Page<Device>> {
  return http('/devices');
}

/** Lets this browser take pushes. @param name for people */
export function addDevice(http: Http, subscription: PushSubscriptionJSON, name: string): Promise<Device> {
  const { endpoint, keys } = subscription;
  return http('/devices', { method: 'POST', body: { endpoint, keys, name } });
}

/** No more pushes to that one. */
export function removeDevice(http: Http, id: number): Promise<void> {
  return http(`/devices/${id}`, { method: 'DELETE' });
}

/** Pushes to it now. */
export function testDevice(http: Http, id: number): Promise<PushTest> {
  return http(`/devices/${id}/test`, { method: 'POST' });
}

/** These were in view here: they are pushed to no other device then. */
export function tellShown(http: Http, ids: readonly number[]): Promise<void> {
  return http('/notifications/shown', { method: 'POST', body: { ids } });
}
