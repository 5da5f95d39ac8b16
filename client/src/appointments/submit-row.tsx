import { useDesk } from '../app/app-context.js';
import { useStore } from '../state/use-store.js';
import { FormAlert } from '../ui/alert.js';
import { say } from '../words/words.js';

interface SubmitRowProps {
  readonly label: string;
  readonly isBusy: boolean;
  readonly isReady: boolean;
  readonly isDanger?: true;
  readonly onClose: () => void;
  readonly backLabel?: string;
  /** Why it wasn’t done, beside the button that it is about. */
  readonly failure: string;
}

/** Nothing is queued silently: without a network the button says why it can't. */
export function SubmitRow({
  label,
  isBusy,
  isReady,
  isDanger,
  onClose,
  backLabel = say('common.close'),
  failure,
}: SubmitRowProps) {
  const { realtime } = useDesk();
  const isOffline = useStore(realtime.status).state === 'offline';
  return (
    <div className="submit-row">
      <FormAlert>{failure}</FormAlert>
      {isOffline && <p className="muted small">{say('common.offline')}</p>}
      <button type="button" className="button" onClick={onClose}>
        {backLabel}
      </button>
      <button
        type="submit"
        className={`button ${isDanger ? 'button--danger' : 'button--primary'}`}
        disabled={isBusy || !isReady || isOffline}
      >
        {isBusy ? say('common.busy') : label}
      </button>
    </div>
  );
}
