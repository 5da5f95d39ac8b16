import { useEffect, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { listDoctors } from '../api/appointments.js';
import type { Doctor } from '../api/types.js';
import { say } from '../words/words.js';

/** The doctor whose time is shown: doctors see their own, operators choose. */
export function useChosenDoctor() {
  const { http, user } = useDesk();
  const [doctors, setDoctors] = useState<readonly Doctor[]>([]);
  const [chosen, choose] = useState<number>();
  const isOwn = user.role === 'doctor';
  useEffect(() => {
    if (isOwn) return undefined;
    let isCurrent = true;
    listDoctors(http).then(
      (list) => {
        if (isCurrent) setDoctors(list);
      },
      () => {
        // What is shown without a doctor says so, and can be loaded again.
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [http, isOwn]);
  const doctorId = isOwn ? user.id : (chosen ?? doctors[0]?.id);
  const element =
    isOwn || doctors.length === 0 ? null : (
      <label className="field doctor-select">
        <span className="sr-only">{say('field.doctorId')}</span>
        <select value={doctorId} onChange={(event) => choose(Number(event.target.value))}>
          {doctors.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
    );
  return { doctorId, element };
}
