import { useCallback, useEffect, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { listDevices, removeDevice, testDevice } from '../api/preferences.js';
import { explain } from '../api/problem.js';
import type { Device, Preferences, PushTest } from '../api/types.js';
import type { DeviceState } from '../notices/this-device.js';
import { useStore } from '../state/use-store.js';
import { Icon } from '../ui/icon.js';
import type { Change } from './change.js';

const help: Readonly<Record<DeviceState, string>> = {
  unable: 'This browser can’t show notices. On an iPhone or iPad, add Carillon to the home screen first.',
  blocked:
    'Notices are blocked for this page. Open the site’s settings by the icon beside its address, allow notifications, and load the page again.',
  off: 'Notices reach you on this device when Carillon isn’t in front of you.',
  page: 'On while Carillon is open in a tab. This browser reached no push service, so nothing comes when it is closed.',
  push: 'On, also when Carillon is closed.',
};

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
      <h2 id="preferences-devices">Notices on your devices</h2>
      <div className="devices__own">
        <p>{help[state]}</p>
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
            {isOn ? 'Turn off here' : 'Turn on here'}
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
                {id === ownId && <span className="muted"> · this one</span>}
              </span>
              <button
                type="button"
                className="button button--small"
                disabled={isBusy}
                aria-label={`Test ${name}`}
                onClick={() => void act(async () => wordsFor(await testDevice(http, id)))}
              >
                Test
              </button>
              <button
                type="button"
                className="button button--small button--quiet-danger"
                disabled={isBusy}
                aria-label={`Remove ${name}`}
                onClick={() =>
                  void act(async () => {
                    await (id === ownId ? device.turnOff() : removeDevice(http, id));
                    return `${name} gets nothing any more.`;
                  })
                }
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      <p role="status" className="devices__told">
        {told}
      </p>
      <fieldset className="segments">
        <legend>What notices and e-mails say</legend>
        <label className="segment">
          <input
            type="radio"
            name="notice-detail"
            checked={detail === 'minimal'}
            onChange={() => change({ noticeDetail: 'minimal' })}
          />
          <span>That there is something</span>
        </label>
        <label className="segment">
          <input
            type="radio"
            name="notice-detail"
            checked={detail === 'full'}
            onChange={() => change({ noticeDetail: 'full' })}
          />
          <span>The whole message</span>
        </label>
      </fieldset>
      <p className="muted small">Others may see your screen, or read your mail.</p>
    </section>
  );
}

function wordsFor({ result, reason }: PushTest): string {
  if (result === 'sent') return 'Sent. It should show within some seconds.';
  if (result === 'gone') return 'That device takes no pushes any more. Turn them on there again.';
  return `The push service didn’t take it (${reason ?? 'unknown'}). Try again later.`;
}
