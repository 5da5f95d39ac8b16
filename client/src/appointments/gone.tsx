import type { AppointmentStatus } from '../api/types.js';
import { statusIs } from './status-words.js';
import { say } from '../words/words.js';

interface GoneProps {
  readonly status: AppointmentStatus;
  readonly onClose: () => void;
}

/** In a dialog whose appointment came meanwhile to where nothing of this can be done to it. */
export function Gone({ status, onClose }: GoneProps) {
  return (
    <div className="form">
      <p role="status">{say('gone.now', { status: statusIs(status) })}</p>
      <div className="submit-row">
        <button type="button" className="button button--primary" onClick={onClose}>
          {say('common.close')}
        </button>
      </div>
    </div>
  );
}
