import { useDesk } from '../app/app-context.js';
import { DayHead } from '../appointments/day-head.js';
import { DayList } from '../appointments/day-list.js';
import { useDay } from '../appointments/use-day.js';
import { useDialogs } from '../appointments/use-dialogs.js';
import { halfMinutes } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { Views } from '../week/views.js';
import { Composer } from './composer.js';
import { Stats } from './stats.js';
import '../appointments/day.css';
import '../appointments/patient.css';
import '../week/week.css';
import './operator.css';
import { say } from '../words/words.js';

export function OperatorPage() {
  const { user } = useDesk();
  const now = useStore(halfMinutes);
  const day = useDay(now);
  const dialogs = useDialogs();
  return (
    <>
      <DayHead eyebrow={user.name} day={day} onBook={() => dialogs.book({ day: day.day })} />
      <Views current="day" day={day.isToday ? undefined : day.day} />
      <div className="board">
        <div className="board__side">
          <Stats />
          <Composer />
        </div>
        <section aria-label={say('operator.all')} className="board__main">
          <DayList key={day.day} day={day} now={now} dialogs={dialogs} withDoctor />
        </section>
      </div>
      {dialogs.element}
    </>
  );
}
