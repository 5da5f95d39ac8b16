import type { AppointmentStatus } from '../api/types.js';
import { Icon } from '../ui/icon.js';
import { statusWords } from './status-words.js';

export function StatusChip({ status }: { readonly status: AppointmentStatus }) {
  const { label, icon } = statusWords[status];
  return (
    <span className={`chip chip--${status}`}>
      <Icon name={icon} size={15} />
      {label}
    </span>
  );
}
