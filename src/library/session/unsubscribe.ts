import { Refusal } from '../errors.js';
import { required, type Frame } from '../stomp/frame.js';
import type { Connected } from './connected.js';
import type { Work } from './work.js';

/** STOMP 1.2, UNSUBSCRIBE: by id; in 1.0 by destination or id. */
export function unsubscribe(session: Connected, frame: Frame): Work {
  const id = session.version === '1.0' ? frame.headers.get('id') : required(frame, 'id');
  const destination = id === undefined ? required(frame, 'destination') : undefined;
  const closed = session.subscriptions.close(id, destination);
  if (!closed) throw new Refusal('unknown_subscription', 'No subscription of that name is open.');
  session.services.observer.unsubscribed?.(session.client, closed.request);
  return 'done';
}
