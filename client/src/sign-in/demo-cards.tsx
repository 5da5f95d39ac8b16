import { useEffect, useState } from 'react';
import { useCarillon } from '../app/app-context.js';
import { demoUsers } from '../api/auth.js';
import type { Demo, Role } from '../api/types.js';
import { FormAlert } from '../ui/alert.js';
import { Icon, type IconName } from '../ui/icon.js';
import { say } from '../words/words.js';

interface DemoCardsProps {
  readonly isBusy: boolean;
  readonly failure: string;
  readonly onChoose: (email: string, password: string) => void;
}

const cards: readonly {
  readonly role: Role;
  readonly icon: IconName;
}[] = [
  { role: 'patient', icon: 'user' },
  { role: 'doctor', icon: 'stethoscope' },
  { role: 'operator', icon: 'megaphone' },
];

/** One card for each role, the others by name. Nothing where the server has no demo users. */
export function DemoCards({ isBusy, failure, onChoose }: DemoCardsProps) {
  const demo = useDemo();
  if (!demo) return null;

  const firsts = cards.flatMap((card) => {
    const user = demo.users.find(({ role }) => role === card.role);
    return user ? [{ ...card, user }] : [];
  });
  const others = demo.users.filter((user) => !firsts.some((first) => first.user === user));
  return (
    <section aria-label={say('demo.demo')} className="demo">
      <p className="muted">{say('demo.try')}</p>
      <ul className="demo__cards">
        {firsts.map(({ role, icon, user }) => (
          <li key={role} className={`demo-card demo-card--${role}`}>
            <span className="demo-card__icon">
              <Icon name={icon} size={22} />
            </span>
            <button
              type="button"
              className="demo-card__title"
              aria-describedby={`demo-${role}`}
              disabled={isBusy}
              onClick={() => onChoose(user.email, demo.password)}
            >
              <span className="sr-only">{say('demo.as')} </span>
              {say(`role.${role}`)}
            </button>
            <span id={`demo-${role}`} className="demo-card__text words">
              {say(`demo.${role}`)}
              <span className="demo-card__name">{user.name}</span>
            </span>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <p className="demo__others">
          <span className="muted">{say('demo.orAs')}</span>
          {others.map(({ email, name }) => (
            <button
              key={email}
              type="button"
              className="button button--quiet button--small demo__other words"
              aria-label={`${say('demo.as')} ${name}`}
              disabled={isBusy}
              onClick={() => onChoose(email, demo.password)}
            >
              {name}
            </button>
          ))}
        </p>
      )}
      <FormAlert>{failure}</FormAlert>
      <p className="rule">
        <span>{say('demo.orAccount')}</span>
      </p>
    </section>
  );
}

function useDemo(): Demo | null {
  const { http } = useCarillon();
  const [demo, setDemo] = useState<Demo | null>(null);
  useEffect(() => {
    let isCurrent = true;
    demoUsers(http).then(
      (answer) => {
        if (isCurrent) setDemo(answer);
      },
      // The form below works without cards, and says itself when the server is away.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [http]);
  return demo;
}
