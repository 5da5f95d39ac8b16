import type { AppointmentStatus } from '../api/types.js';
import { statusWords } from './status-words.js';

interface GoneProps {
  readonly status: AppointmentStatus;
  readonly onClose: () => void;
}

/** In a dialog whose appointment came meanwhile to where nothing of this can be done to it. */
export function Gone({ status, onClose }: GoneProps) {
  return (
    <div className="form">
      <p role="status">
        This appointment is {statusWords[status].label.toLowerCase()} now; nothing of this can be changed any
        more.
      </p>
      <div className="submit-row">
        <button type="button" className="button button--primary" onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  );
}
