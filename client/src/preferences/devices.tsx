import { useCallback, useEffect, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { listDevices, removeDevice, testDevice } from '../api/preferences.js';
import { explain } from '../api/problem.js';
import type { Device, Preferences, PushTest } from '../api/types.js';
import { useStore } from '../state/use-store.js';
import { Icon } from '../ui/icon.js';
import type { Change } from './change.js';
import { say } from '../words/words.js';

interface DevicesProps {
  readonly detail: Preferences['noticeDetail'];
  readonly change: Change;
}

export function Devices({ detail, change }: DevicesProps) {
  const { http, device } = useDesk();
  const state = useStore(device.state);
  const ownId = useStore(device.id);
  const [devices, setDevices] = useState<readonly Device[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [told, setTold] = useState('');

  const load = useCallback(async (): Promise<void> => {
    try {
      setDevices((await listDevices(http)).items);
    } catch (error) {
      setTold(explain(error));
    }
  }, [http]);
  useEffect(() => void load(), [load, ownId]);

  async function act(work: () => Promise<string>): Promise<void> {
    setBusy(true);
    setTold('');
    try {
      setTold(await work());
      await load();
    } catch (error) {
      setTold(explain(error));
    } finally {
      setBusy(false);
    }
  }

  const isOn = state === 'page' || state === 'push';
  return (
    <section className="card preferences__part" aria-labelledby="preferences-devices">
      <h2 id="preferences-devices">{say('devices.title')}</h2>
      <div className="devices__own">
        <p>{say(`device.${state}`)}</p>
        {(state === 'off' || isOn) && (
          <button
            type="button"
            className={isOn ? 'button' : 'button button--primary'}
            disabled={isBusy}
            onClick={() =>
              void act(async () => {
                await (isOn ? device.turnOff() : device.turnOn());
                return '';
              })
            }
          >
            {isOn ? say('devices.off') : say('devices.on')}
          </button>
        )}
      </div>
      {devices.length > 0 && (
        <ul className="devices">
          {devices.map(({ id, name }) => (
            <li key={id}>
              <Icon name="monitor" />
              <span className="devices__name">
                {name}
                {id === ownId && <span className="muted"> · {say('devices.this')}</span>}
              </span>
              <button
                type="button"
                className="button button--small"
                disabled={isBusy}
                aria-label={say('devices.testOf', { name })}
                onClick={() => void act(async () => wordsFor(await testDevice(http, id)))}
              >
                {say('devices.test')}
              </button>
              <button
                type="button"
                className="button button--small button--quiet-danger"
                disabled={isBusy}
                aria-label={say('devices.removeOf', { name })}
                onClick={() =>
                  void act(async () => {
                    await (id === ownId ? device.turnOff() : removeDevice(http, id));
                    return say('devices.gone', { name });
                  })
                }
              >
                {say('devices.remove')}
              </button>
            </li>
          ))}
        </ul>
      )}
      <p role="status" className="devices__told">
        {told}
      </p>
      <fieldset className="segments">
        <legend>{say('devices.what')}</legend>
        <label className="segment">
          <input
            type="radio"
            name="notice-detail"
            checked={detail === 'minimal'}
            onChange={() => change({ noticeDetail: 'minimal' })}
          />
          <span>{say('devices.minimal')}</span>
        </label>
        <label className="segment">
          <input
            type="radio"
            name="notice-detail"
            checked={detail === 'full'}
            onChange={() => change({ noticeDetail: 'full' })}
          />
          <span>{say('devices.full')}</span>
        </label>
      </fieldset>
      <p className="muted small">{say('devices.others')}</p>
    </section>
  );
}

function wordsFor({ result, reason }: PushTest): string {
  if (result === 'sent') return say('devices.testSent');
  if (result === 'gone') return say('devices.testGone');
  return say('devices.untaken', { reason: reason ?? '?' });
}
