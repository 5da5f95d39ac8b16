import { useEffect, useId, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { searchPatients } from '../api/appointments.js';
import { explain } from '../api/problem.js';
import type { Patient } from '../api/types.js';
import { FormAlert } from '../ui/alert.js';
import { say } from '../words/words.js';

/** Fewer letters would find everybody. */
const minLetters = 2;
/** While somebody types. */
const pauseMs = 250;

interface PatientChoiceProps {
  readonly chosen: Patient | null;
  readonly onChoose: (patient: Patient | null) => void;
}

/** Finds a patient by a part of the name or of the e-mail address. */
export function PatientChoice({ chosen, onChoose }: PatientChoiceProps) {
  const [search, setSearch] = useState('');
  const { patients, error } = usePatients(search);
  const id = useId();
  if (chosen) {
    return (
      <div className="field">
        <span>{say('role.patient')}</span>
        <div className="row chosen-patient">
          <p>
            <strong>{chosen.name}</strong> <span className="muted small">{chosen.email}</span>
          </p>
          <button type="button" className="button button--small" onClick={() => onChoose(null)}>
            {say('patient.another')}
          </button>
        </div>
      </div>
    );
  }
  return (
    <div className="field">
      <label htmlFor={id}>{say('role.patient')}</label>
      <input
        id={id}
        type="search"
        dir="auto"
        autoComplete="off"
        placeholder={say('patient.hint')}
        value={search}
        aria-describedby={`${id}-found`}
        onChange={(event) => setSearch(event.target.value)}
      />
      <p id={`${id}-found`} role="status" className="muted small">
        {patients && say('patient.found', { count: patients.length })}
      </p>
      <FormAlert>{error}</FormAlert>
      {patients && patients.length > 0 && (
        <ul className="found-patients" aria-label={say('patient.list')}>
          {patients.map((patient) => (
            <li key={patient.id}>
              <button type="button" className="more__item" onClick={() => onChoose(patient)}>
                {patient.name} <span className="muted small">{patient.email}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function usePatients(search: string): {
  readonly patients: readonly Patient[] | null;
  readonly error: string;
} {
  const { http } = useDesk();
  const [found, setFound] = useState<{ readonly of: string; readonly patients: readonly Patient[] }>();
  const [error, setError] = useState('');
  const words = search.trim();
  useEffect(() => {
    if (words.length < minLetters) return undefined;
    const leave = new AbortController();
    const timer = setTimeout(() => {
      searchPatients(http, words, leave.signal).then(
        (patients) => (setFound({ of: words, patients }), setError('')),
        (reason: unknown) => {
          if (!leave.signal.aborted) setError(explain(reason));
        },
      );
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      leave.abort();
    };
  }, [http, words]);
  return { patients: found?.of === words ? found.patients : null, error };
}
