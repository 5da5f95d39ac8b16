import type { AppointmentStatus } from '../api/types.js';
import { Icon } from '../ui/icon.js';
import { statusIcons, statusLabel } from './status-words.js';

export function StatusChip({ status }: { readonly status: AppointmentStatus }) {
  return (
    <span className={`chip chip--${status}`}>
      <Icon name={statusIcons[status]} size={15} />
      {statusLabel(status)}
    </span>
  );
}
