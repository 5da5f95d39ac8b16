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
} from './words.js';
import '../appointments/patient.css';
import '../week/week.css';
import './delivery.css';

/** How alerts reach people, for operators: what is due, what went out, what failed and why, and one person's alerts. */
export function DeliveryPage() {
  return (
    <>
      <header className="page-head">
        <h1>Delivery</h1>
      </header>
      <Views current="delivery" />
      <div className="delivery">
        <section className="card delivery__part" aria-labelledby="delivery-person">
          <h2 id="delivery-person">Why did somebody not hear of it?</h2>
          <p className="muted">Look for the person, and choose the alert.</p>
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
      <h2 id="delivery-channels">Channels</h2>
      {error !== '' && <LoadError text={error} onRetry={reload} />}
      {!loaded && error === '' && <Skeleton label="Loading the channels" />}
      {loaded && (
        <>
          <p className="muted">
            {loaded.since === null
              ? 'Nothing went outside the page yet.'
              : `The newest deliveries, since ${moment(loaded.since)}`}
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
      <h3>{channelWords[channel]}</h3>
      {tallies.length === 0 ? (
        <p className="muted">Nothing yet</p>
      ) : (
        <ul>
          {tallies.map(({ state, reason, count }) => (
            <li key={`${state} ${reason}`}>
              <strong>{count}</strong> {stateWords[state].toLowerCase()}
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
      title="Outside the page"
      states={deliveryStates.map((value) => ({ value, label: stateWords[value] }))}
      state={state}
      onState={setState}
      pages={pages}
      empty="No delivery is in this state."
      row={(one: Delivery) => ({
        key: one.id,
        to: `/delivery/alerts/${one.notificationId}`,
        title: `${one.userName}: ${aboutWords(one)}`,
        when: state === 'waiting' ? `at ${moment(one.dueAt)}` : moment(one.steps.at(-1)?.at ?? one.createdAt),
        text: [
          one.target === null || one.target === channelWords[one.channel]
            ? channelWords[one.channel]
            : `${channelWords[one.channel]} to ${one.target}`,
          one.reason === null ? '' : reasonWords(one.reason),
        ],
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
      title="Reminders"
      states={reminderStates.map((value) => ({ value, label: reminderStateWords[value] }))}
      state={state}
      onState={setState}
      pages={pages}
      empty="No reminder is in this state."
      row={(one: ListedReminder) => ({
        key: one.id,
        to: `/delivery/people/${one.recipientId}`,
        title: one.recipientName,
        when: state === 'planned' ? `at ${minute(one.dueAt)}` : moment(one.changedAt),
        text: [
          `${lengthWords(one.offsetMinutes)} before ${minute(one.startsAt)}`,
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
      title="Devices that take pushes"
      pages={pages}
      empty="Nobody has turned notices on."
      row={(one: DeviceOfPerson) => ({
        key: one.id,
        to: `/delivery/people/${one.userId}`,
        title: one.userName,
        when: `since ${moment(one.createdAt)}`,
        text: [one.name, one.service],
      })}
    />
  );
}

/** Back to the whole. */
export function BackToDelivery() {
  return (
    <p className="one__back">
      <PageLink to="/delivery">Delivery</PageLink>
    </p>
  );
}
