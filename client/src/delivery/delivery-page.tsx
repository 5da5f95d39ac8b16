import { useCallback, useState } from 'react';
import {
  deliverySummary,
  listAllDevices,
  listDeliveries,
  listReminders,
  type DeliveryState,
  type ReminderState,
} from '../api/delivery.js';
import type { Delivery, DeliverySummary, DeviceOfPerson, ListedReminder } from '../api/types.js';
import { useDesk } from '../app/app-context.js';
import { go } from '../app/router.js';
import { PatientChoice } from '../appointments/patient-choice.js';
import { LoadError, Skeleton } from '../ui/list-states.js';
import { PageLink } from '../ui/page-link.js';
import { Views } from '../week/views.js';
import { say } from '../words/words.js';
import { useMoment } from './moment.js';
import { DeliveryList } from './delivery-list.js';
import { useLoaded, usePages } from './use-pages.js';
import {
  aboutWords,
  channelWords,
  lengthWords,
  reasonWords,
  reminderStateWords,
  stateWords,
  targetWords,
} from './words.js';
import '../appointments/patient.css';
import '../week/week.css';
import './delivery.css';

/** How alerts reach people, for operators: what is due, what went out, what failed and why, and one person's alerts. */
export function DeliveryPage() {
  return (
    <>
      <header className="page-head">
        <h1>{say('delivery.title')}</h1>
      </header>
      <Views current="delivery" />
      <div className="delivery">
        <section className="card delivery__part" aria-labelledby="delivery-person">
          <h2 id="delivery-person">{say('delivery.why')}</h2>
          <p className="muted">{say('delivery.look')}</p>
          <PatientChoice chosen={null} onChoose={(person) => person && go(`/delivery/people/${person.id}`)} />
        </section>
        <Summary />
        <Outside />
        <Reminders />
        <Devices />
      </div>
    </>
  );
}

function Summary() {
  const { http } = useDesk();
  const { loaded, error, reload } = useLoaded(useCallback(() => deliverySummary(http), [http]));
  const moment = useMoment();
  return (
    <section className="card delivery__part" aria-labelledby="delivery-channels">
      <h2 id="delivery-channels">{say('delivery.channels')}</h2>
      {error !== '' && <LoadError text={error} onRetry={reload} />}
      {!loaded && error === '' && (
        <Skeleton label={say('delivery.loading', { title: say('delivery.channels') })} />
      )}
      {loaded && (
        <>
          <p className="muted">
            {loaded.since === null
              ? say('delivery.none')
              : say('delivery.newest', { when: moment(loaded.since) })}
          </p>
          {loaded.channels.map((channel) => (
            <ChannelTally key={channel} channel={channel} summary={loaded} />
          ))}
        </>
      )}
    </section>
  );
}

interface ChannelTallyProps {
  readonly channel: Delivery['channel'];
  readonly summary: DeliverySummary;
}

function ChannelTally({ channel, summary }: ChannelTallyProps) {
  const tallies = summary.tallies.filter((one) => one.channel === channel);
  return (
    <div className="delivery__channel">
      <h3>{channelWords(channel)}</h3>
      {tallies.length === 0 ? (
        <p className="muted">{say('delivery.nothing')}</p>
      ) : (
        <ul>
          {tallies.map(({ state, reason, count }) => (
            <li key={`${state} ${reason}`}>
              <strong>{say('delivery.tally', { count, state })}</strong>
              {reason !== null && <span className="muted">: {reasonWords(reason)}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const deliveryStates: readonly DeliveryState[] = ['failed', 'waiting', 'sent', 'skipped'];

function Outside() {
  const { http } = useDesk();
  const [state, setState] = useState<DeliveryState>('failed');
  const pages = usePages(
    useCallback((before: string | null) => listDeliveries(http, state, before), [http, state]),
  );
  const moment = useMoment();
  return (
    <DeliveryList
      title={say('delivery.outside')}
      states={deliveryStates.map((value) => ({ value, label: stateWords(value) }))}
      state={state}
      onState={setState}
      pages={pages}
      empty={say('delivery.noDelivery')}
      row={(one: Delivery) => ({
        key: one.id,
        to: `/delivery/alerts/${one.notificationId}`,
        title: say('delivery.of', { name: one.userName, about: aboutWords(one) }),
        when:
          state === 'waiting'
            ? say('delivery.at', { when: moment(one.dueAt) })
            : moment(one.steps.at(-1)?.at ?? one.createdAt),
        text: [targetWords(one.channel, one.target), one.reason === null ? '' : reasonWords(one.reason)],
      })}
    />
  );
}

const reminderStates: readonly ReminderState[] = ['planned', 'sent', 'skipped', 'withdrawn'];

function Reminders() {
  const { http } = useDesk();
  const [state, setState] = useState<ReminderState>('planned');
  const pages = usePages(
    useCallback((after: string | null) => listReminders(http, { state, after }), [http, state]),
  );
  const moment = useMoment();
  const minute = useMoment('short');
  return (
    <DeliveryList
      title={say('delivery.reminders')}
      states={reminderStates.map((value) => ({ value, label: reminderStateWords(value) }))}
      state={state}
      onState={setState}
      pages={pages}
      empty={say('delivery.noReminder')}
      row={(one: ListedReminder) => ({
        key: one.id,
        to: `/delivery/people/${one.recipientId}`,
        title: one.recipientName,
        when: state === 'planned' ? say('delivery.at', { when: minute(one.dueAt) }) : moment(one.changedAt),
        text: [
          say('delivery.before', { length: lengthWords(one.offsetMinutes), when: minute(one.startsAt) }),
          one.reason === null ? '' : reasonWords(one.reason),
        ],
      })}
    />
  );
}

function Devices() {
  const { http } = useDesk();
  const pages = usePages(useCallback((before: string | null) => listAllDevices(http, { before }), [http]));
  const moment = useMoment();
  return (
    <DeliveryList
      title={say('delivery.devices')}
      pages={pages}
      empty={say('delivery.noDevice')}
      row={(one: DeviceOfPerson) => ({
        key: one.id,
        to: `/delivery/people/${one.userId}`,
        title: one.userName,
        when: say('delivery.since', { when: moment(one.createdAt) }),
        text: [one.name, one.service],
      })}
    />
  );
}

/** Back to the whole. */
export function BackToDelivery() {
  return (
    <p className="one__back">
      <PageLink to="/delivery">{say('delivery.title')}</PageLink>
    </p>
  );
}
