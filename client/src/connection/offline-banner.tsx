import { useEffect, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { clock, seconds } from '../state/clock.js';
import { steadyNow } from '../state/steady-now.js';
import { useStore } from '../state/use-store.js';
import { clockTime } from '../time/clock-time.js';
import { lookAgainMs } from '../realtime/lookout.js';
import { Icon } from '../ui/icon.js';
import { say } from '../words/words.js';

const patienceMs = 10_000;
const backMs = 4_000;

/** Says nothing about a blip. After an outage that was said, its end is said too, once the data is fresh. */
export function OfflineBanner() {
  const { realtime, calendar } = useDesk();
  const outlook = useStore(realtime.outlook);
  const status = useStore(realtime.status);
  const { asOf } = useStore(calendar.state);
  const now = useStore(seconds);
  const isDown = outlook !== 'streaming' && 'downSince' in status && now - status.downSince >= patienceMs;
  const backSince = useBackSince(
    isDown,
    outlook === 'streaming' || (status.state === 'live' && asOf !== null && asOf >= status.since),
  );

  return (
    <div role="status" className="banner-region">
      {isDown && (
        <p className="banner banner--off">
          <Icon name="offline" size={18} />
          {outlook === 'asking'
            ? say('banner.asking', { seconds: lookAgainMs / 1_000 })
            : say('banner.offline')}{' '}
          {asOf === null ? say('banner.nothing') : say('banner.from', { time: clockTime(clock.at(asOf)) })}
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
