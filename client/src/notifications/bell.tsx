import { useDesk } from '../app/app-context.js';
import { useStore } from '../state/use-store.js';
import { Icon } from '../ui/icon.js';
import { Popover, usePopover } from '../ui/popover.js';
import { badgeText, bellName } from './badge.js';
import { NotificationPanel } from './notification-panel.js';
import { walkRows } from './walk-rows.js';
import './bell.css';
import { say } from '../words/words.js';

/** The badge counts what hasn't been seen; opening is seeing. */
export function Bell() {
  const { inbox, wishes } = useDesk();
  const hasKeys = useStore(wishes.state).preferences?.keys !== false;
  const { unseen } = useStore(inbox.state).list.counts;
  const panel = usePopover();
  return (
    <div ref={panel.root} className="anchor">
      <button
        ref={panel.opener}
        type="button"
        className="bell icon-button"
        aria-label={bellName(unseen)}
        aria-expanded={panel.isOpen}
        aria-controls={panel.id}
        onClick={panel.toggle}
      >
        <Icon name="bell" size={22} />
        {unseen > 0 && (
          // The key swings the bell again for each arrival.
          <span key={unseen} className="bell__badge" aria-hidden="true">
            {badgeText(unseen)}
          </span>
        )}
      </button>
      {panel.isOpen && (
        <Popover
          control={panel}
          label={say('panel.title')}
          className="panel"
          {...(hasKeys && { onKeyDown: walkRows })}
        >
          <NotificationPanel onClose={panel.close} />
        </Popover>
      )}
    </div>
  );
}
