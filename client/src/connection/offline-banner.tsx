import { useEffect, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { seconds } from '../state/clock.js';
import { steadyNow } from '../state/steady-now.js';
import { useStore } from '../state/use-store.js';
import { asOfTime } from '../time/as-of.js';
import { lookAgainMs } from '../realtime/lookout.js';
import { Icon } from '../ui/icon.js';
import { say } from '../words/words.js';

const patienceMs = 10_000;
const backMs = 4_000;

/** Says nothing about a blip, unless the page knows nothing but what a former one knew. After an outage that was said, its end is said too, once the data is fresh. */
export function OfflineBanner() {
  const { realtime, calendar, inbox } = useDesk();
  const outlook = useStore(realtime.outlook);
  const status = useStore(realtime.status);
  const rows = useStore(calendar.state);
  const list = useStore(inbox.state);
  // Where no appointments are shown, the inbox says how old what is known is.
  const { asOf, isKept } = rows.asOf === null ? list : rows;
  const now = useStore(seconds);
  const isLong = 'downSince' in status && now - status.downSince >= patienceMs;
  const isDown = outlook !== 'streaming' && (isLong || (isKept && status.state === 'offline'));
  const backSince = useBackSince(
    isDown,
    !isKept &&
      (outlook === 'streaming' || (status.state === 'live' && asOf !== null && asOf >= status.since)),
  );

  return (
    <div role="status" className="banner-region">
      {isDown && (
        <p className="banner banner--off">
          <Icon name="offline" size={18} />
          {outlook === 'asking'
            ? say('banner.asking', { seconds: lookAgainMs / 1_000 })
            : say('banner.offline')}{' '}
          {asOf === null ? say('banner.nothing') : say('banner.from', { time: asOfTime(asOf) })}
        </p>
      )}
      {backSince !== null && now - backSince < backMs && (
        <p className="banner banner--back">
          <Icon name="check" size={18} />
          {say('banner.back')}
        </p>
      )}
    </div>
  );
}

/** When an outage that had been said was over and caught up on. */
function useBackSince(isDown: boolean, isFresh: boolean): number | null {
  const [wasDown, setWasDown] = useState(false);
  const [backSince, setBackSince] = useState<number | null>(null);
  useEffect(() => {
    if (isDown) {
      setWasDown(true);
      setBackSince(null);
    } else if (wasDown && isFresh) {
      setWasDown(false);
      setBackSince(steadyNow());
    }
  }, [isDown, isFresh, wasDown]);
  return backSince;
}
