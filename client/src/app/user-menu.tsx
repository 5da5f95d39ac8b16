import { logout } from '../api/auth.js';
import { useStore } from '../state/use-store.js';
import { Icon, type IconName } from '../ui/icon.js';
import { PageLink } from '../ui/page-link.js';
import { Popover, usePopover } from '../ui/popover.js';
import { useCarillon, useDesk } from './app-context.js';
import { initials } from './initials.js';
import { go, hrefOf } from './router.js';
import { setTheme, theme, type Theme } from './theme.js';
import './user-menu.css';
import { say, type Key } from '../words/words.js';

export function UserMenu() {
  const { user } = useDesk();
  const menu = usePopover();
  return (
    <div ref={menu.root} className="anchor">
      <button
        ref={menu.opener}
        type="button"
        className="avatar"
        // For the eye, by the style: the name in full is what it is called.
        data-initials={initials(user.name)}
        aria-label={say('menu.of', { name: user.name })}
        aria-expanded={menu.isOpen}
        aria-controls={menu.id}
        onClick={menu.toggle}
      ></button>
      {menu.isOpen && (
        <Popover control={menu} label={say('menu.account')} className="user-menu words">
          <p className="user-menu__name">{user.name}</p>
          <p className="muted small">
            {say(`role.${user.role}`)} · {user.email}
          </p>
          <p>
            <PageLink to="/calendar">{say('menu.calendar')}</PageLink>
          </p>
          <ThemeChoice />
          <div className="user-menu__acts">
            <a
              className="button"
              href={hrefOf('/account')}
              onClick={(event) => {
                event.preventDefault();
                menu.toggle();
                go('/account');
              }}
            >
              <Icon name="user" size={18} />
              {say('menu.account')}
            </a>
            <a
              className="button"
              href={hrefOf('/preferences')}
              onClick={(event) => {
                event.preventDefault();
                menu.toggle();
                go('/preferences');
              }}
            >
              <Icon name="bell" size={18} />
              {say('menu.preferences')}
            </a>
            <Another />
            <SignOut />
          </div>
        </Popover>
      )}
    </div>
  );
}

const themes: readonly { readonly value: Theme; readonly label: Key; readonly icon: IconName }[] = [
  { value: 'system', label: 'menu.system', icon: 'monitor' },
  { value: 'light', label: 'menu.light', icon: 'sun' },
  { value: 'dark', label: 'menu.dark', icon: 'moon' },
];

function ThemeChoice() {
  const chosen = useStore(theme);
  return (
    <fieldset className="segments user-menu__theme">
      <legend>{say('menu.theme')}</legend>
      {themes.map(({ value, label, icon }) => (
        <label key={value} className="segment">
          <input type="radio" name="theme" checked={chosen === value} onChange={() => setTheme(value)} />
          <span>
            <Icon name={icon} size={16} />
            {say(label)}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** For somebody else in this tab; in the others one stays signed in. */
function Another() {
  const { session } = useCarillon();
  return (
    <button type="button" className="button" onClick={() => session.leave()}>
      <Icon name="plus" size={18} />
      {say('menu.another')}
    </button>
  );
}

function SignOut() {
  const { http, session } = useCarillon();
  async function signOut(): Promise<void> {
    try {
      await logout(http);
    } catch {
      // Away or over already: for this tab the session ends in any case.
    }
    session.end('signed-out');
  }
  return (
    <button type="button" className="button" onClick={() => void signOut()}>
      <Icon name="signOut" size={18} />
      {say('menu.signOut')}
    </button>
  );
}
