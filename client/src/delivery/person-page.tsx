import { useCallback, useState } from 'react';
import { listAlerts, listAllDevices, listReminders, type ReminderState } from '../api/delivery.js';
import type { AlertPage, DeviceOfPerson, ListedReminder, ShownAlert } from '../api/types.js';
import { useDesk } from '../app/app-context.js';
import { say } from '../words/words.js';
import { BackToDelivery } from './delivery-page.js';
import { DeliveryList } from './delivery-list.js';
import { useMoment } from './moment.js';
import { usePages } from './use-pages.js';
import {
  aboutWords,
  channelWords,
  lengthWords,
  reasonWords,
  reminderStateWords,
  stateWords,
} from './words.js';
import '../appointments/patient.css';
import '../one/one.css';
import './delivery.css';

/** What one person was told, what they are to be reminded of, and on which devices pushes reach them. */
export function PersonPage({ id }: { readonly id: number }) {
  const { http } = useDesk();
  const [name, setName] = useState('');
  const ask = useCallback(
    async (before: string | null): Promise<AlertPage> => {
      const page = await listAlerts(http, id, before);
      setName(page.recipient.name);
      return page;
    },
    [http, id],
  );
  const alerts = usePages(ask);
  const moment = useMoment();
  const minute = useMoment('short');
  return (
    <>
      <BackToDelivery />
      <header className="page-head">
        <h1 className="words">{name || say('delivery.told')}</h1>
      </header>
      <div className="delivery">
        <DeliveryList
          title={say('delivery.told')}
          pages={alerts}
          empty={say('delivery.noneTold')}
          row={(one: ShownAlert) => ({
            key: one.id,
            to: `/delivery/alerts/${one.id}`,
            title: aboutWords(one),
            when: moment(one.createdAt),
            text: [
              one.startsAt === null ? '' : say('delivery.appointment', { when: minute(one.startsAt) }),
              reachWords(one),
              ...one.outside.map(({ channel, state }) =>
                say('delivery.channelState', { channel: channelWords(channel), state: stateWords(state) }),
              ),
            ],
          })}
        />
        <RemindersOf id={id} />
        <DevicesOf id={id} />
      </div>
    </>
  );
}

function reachWords({ seenAt, readAt, deliveredAt }: ShownAlert): string {
  if (seenAt !== null) return say('delivery.seen');
  if (readAt !== null) return say('delivery.newerOne');
  return deliveredAt === null ? say('delivery.notSeen') : say('delivery.arrived');
}

/** Those that were sent are alerts. */
const states: readonly ReminderState[] = ['planned', 'skipped', 'withdrawn'];

function RemindersOf({ id }: { readonly id: number }) {
  const { http } = useDesk();
  const [state, setState] = useState<ReminderState>('planned');
  const ask = useCallback(
    (after: string | null) => listReminders(http, { state, recipientId: id, after }),
    [http, state, id],
  );
  const moment = useMoment();
  const minute = useMoment('short');
  return (
    <DeliveryList
      title={say('delivery.reminders')}
      states={states.map((value) => ({ value, label: reminderStateWords(value) }))}
      state={state}
      onState={setState}
      pages={usePages(ask)}
      empty={say('delivery.noReminder')}
      row={(one: ListedReminder) => ({
        key: one.id,
        to: `/appointments/${one.appointmentId}`,
        title: say('delivery.appointment', { when: minute(one.startsAt) }),
        when: state === 'planned' ? say('delivery.at', { when: minute(one.dueAt) }) : moment(one.changedAt),
        text: [
          say('delivery.beforeStart', { length: lengthWords(one.offsetMinutes) }),
          one.reason === null ? '' : reasonWords(one.reason),
        ],
      })}
    />
  );
}

function DevicesOf({ id }: { readonly id: number }) {
  const { http } = useDesk();
  const ask = useCallback(
    (before: string | null) => listAllDevices(http, { userId: id, before }),
    [http, id],
  );
  const moment = useMoment();
  return (
    <DeliveryList
      title={say('delivery.devices')}
      pages={usePages(ask)}
      empty={say('delivery.noDeviceOf')}
      row={(one: DeviceOfPerson) => ({
        key: one.id,
        title: one.name,
        when: say('delivery.since', { when: moment(one.createdAt) }),
        text: [one.service],
      })}
    />
  );
}
