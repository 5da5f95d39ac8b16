import { useState } from 'react';
import { useDesk } from '../app/app-context.js';
import type { Status } from '../realtime/status.js';
import { seconds } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { Icon } from '../ui/icon.js';
import { Popover, usePopover } from '../ui/popover.js';
import { connectionFacts, type Fact } from './connection-facts.js';
import { connectionWords, outlookWords } from './connection-words.js';
import './connection.css';
import { say } from '../words/words.js';

/** Says how the page hears of news, and why not when it doesn't. */
export function ConnectionChip() {
  const { realtime } = useDesk();
  const status = useStore(realtime.status);
  const now = useStore(seconds);
  const outlook = useStore(realtime.outlook);
  const details = usePopover();
  const { label, detail, short, icon, tone } =
    outlook === 'none' ? connectionWords(status, now) : outlookWords(outlook);
  return (
    <div ref={details.root} className="anchor">
      <button
        ref={details.opener}
        type="button"
        className={`connection connection--${tone}`}
        aria-label={say('connection.named', { state: detail })}
        aria-expanded={details.isOpen}
        aria-controls={details.id}
        onClick={details.toggle}
      >
        <Icon name={icon} size={18} />
        <span className="connection__long">{label}</span>
        <span className="connection__short">{short}</span>
      </button>
      {details.isOpen && (
        <Popover control={details} label={say('connection.details')} className="connection-details">
          <Details status={status} title={detail} />
        </Popover>
      )}
    </div>
  );
}

function Details({ status, title }: { readonly status: Status; readonly title: string }) {
  const { realtime } = useDesk();
  const facts = connectionFacts(status, useStore(realtime.lastEventAt));
  return (
    <>
      <h2 className="connection-details__title">{title}</h2>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="row">
        {status.state !== 'live' && (
          <button type="button" className="button button--primary" onClick={() => realtime.reconnectNow()}>
            <Icon name="refresh" size={18} />
            {say('connection.tryNow')}
          </button>
        )}
        <CopyDetails title={title} facts={facts} />
      </div>
    </>
  );
}

function CopyDetails({ title, facts }: { readonly title: string; readonly facts: readonly Fact[] }) {
  const [outcome, setOutcome] = useState('');
  async function copy(): Promise<void> {
    const lines = [
      [say('connection.connection'), title],
      ...facts,
      [say('device.browser'), navigator.userAgent],
    ];
    try {
      await navigator.clipboard.writeText(lines.map((line) => line.join(': ')).join('\n'));
      setOutcome(say('connection.copied'));
    } catch {
      // The browser forbids it here: plain HTTP from another machine, or the user said no.
      setOutcome(say('connection.noCopy'));
    }
  }
  return (
    <>
      <button type="button" className="button" onClick={() => void copy()}>
        <Icon name="copy" size={18} />
        {say('connection.copy')}
      </button>
      <span role="status" className="muted small">
        {outcome}
      </span>
    </>
  );
}
