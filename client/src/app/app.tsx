import { useStore } from '../state/use-store.js';
import { ConfirmEmailPage, ForgotPage, ResetPage } from '../sign-in/forgot-page.js';
import { RegisterPage } from '../sign-in/register-page.js';
import { SignInPage } from '../sign-in/sign-in-page.js';
import { LiveRegions } from '../toasts/live-regions.js';
import { language } from '../words/language.js';
import { CarillonContext, DeskContext, type Carillon } from './app-context.js';
import { path } from './router.js';
import { Shell } from './shell.js';

/** A visitor who isn't signed in sees the sign-in page at every path, and after signing in stays at that path. */
export function App({ carillon }: { readonly carillon: Carillon }) {
  // All of it is drawn anew in another language.
  useStore(language);
  const desk = useStore(carillon.desk);
  const at = useStore(path);
  return (
    <CarillonContext value={carillon}>
      <LiveRegions announcer={carillon.announcer} />
      {at === '/reset' ? (
        <ResetPage />
      ) : at === '/confirm-email' ? (
        <ConfirmEmailPage />
      ) : desk ? (
        <DeskContext value={desk} key={desk.user.id}>
          <Shell />
        </DeskContext>
      ) : at === '/register' ? (
        <RegisterPage />
      ) : at === '/forgot' ? (
        <ForgotPage />
      ) : (
        <SignInPage />
      )}
    </CarillonContext>
  );
}
