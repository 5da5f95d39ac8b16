import { useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { useStore } from '../state/use-store.js';
import { Icon } from '../ui/icon.js';
import './notice-offer.css';
import { say } from '../words/words.js';

/** After a booking, when it is clear what notices would be good for: never of itself. */
export function NoticeOffer() {
  const { device, hasBooked } = useDesk();
  const state = useStore(device.state);
  const isInContext = useStore(hasBooked);
  const [isDismissed, setDismissed] = useState(false);
  if (!isInContext || isDismissed || state !== 'off') return null;
  return (
    <aside className="notice-offer" aria-label={say('offer.label')}>
      <Icon name="bell" />
      <p>{say('offer.ask')}</p>
      <button
        type="button"
        className="button button--small button--primary"
        onClick={() => void device.turnOn()}
      >
        {say('offer.on')}
      </button>
      <button type="button" className="button button--small" onClick={() => setDismissed(true)}>
        {say('offer.later')}
      </button>
    </aside>
  );
}
