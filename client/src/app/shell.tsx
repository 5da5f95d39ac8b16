import { ConnectionChip } from '../connection/connection-chip.js';
import { OfflineBanner } from '../connection/offline-banner.js';
import { MessagesLink } from '../messages/messages-link.js';
import { Bell } from '../notifications/bell.js';
import { NoticeOffer } from '../notices/notice-offer.js';
import { useStore } from '../state/use-store.js';
import { Toaster } from '../toasts/toaster.js';
import { Mark } from '../ui/mark.js';
import { useDesk } from './app-context.js';
import { pageFor } from './pages.js';
import { go, hrefOf, path } from './router.js';
import { UserMenu } from './user-menu.js';
import './shell.css';
import { say } from '../words/words.js';

/** The frame of every page behind the sign-in. */
export function Shell() {
  const { user } = useDesk();
  const page = pageFor(useStore(path), user.role);
  return (
    <>
      <a className="skip-link" href="#main">
        {say('frame.skip')}
      </a>
      <header className="top">
        <div className="top__inner">
          <a
            className="brand"
            href={hrefOf('/')}
            // On a phone only its mark is shown.
            aria-label="Carillon"
            onClick={(event) => {
              event.preventDefault();
              go('/');
            }}
          >
            <Mark />
            <span className="brand__name">Carillon</span>
          </a>
          <div className="top__tools">
            <ConnectionChip />
            <MessagesLink />
            <Bell />
            <UserMenu />
          </div>
        </div>
      </header>
      <OfflineBanner />
      <NoticeOffer />
      <main id="main" tabIndex={-1} className="page">
        {page}
      </main>
      <Toaster />
    </>
  );
}
