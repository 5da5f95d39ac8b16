// Preloaded into the server: SIGUSR2 sets its wall clock CLOCK_STEP_MS ahead (back, where that is negative), as an operator
// or NTP does. Timers and monotonic time know nothing of it.
import process from 'node:process';

const RealDate = Date;
let offset = 0;

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + offset);
    else super(...parts);
  }

  static now() {
    return RealDate.now() + offset;
  }
};

process.on('SIGUSR2', () => {
  offset += Number(process.env.CLOCK_STEP_MS);
  process.stdout.write('The clock was set.\n');
});
