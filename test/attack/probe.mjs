// Preloaded into the server that is attacked: answers what it holds, and turns its clock. Keeps nothing alive.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const RealDate = Date;
let stepMs = 0;

/** What `Date` says, `stepMs` away from the truth; timers and `performance` know nothing of it. */
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [target.now() + stepMs] : given, newTarget),
  apply: (target) => new target(target.now() + stepMs).toString(),
  get: (target, name, receiver) =>
    name === 'now' ? () => target.now() + stepMs : Reflect.get(target, name, receiver),
});

process.on('message', (question) => {
  if (question === 'collect') {
    // Twice: what the first round finalizes, the second one frees.
    collect();
    collect();
  } else {
    stepMs += question.stepClockMs ?? 0;
  }
  process.send({ heapBytes: process.memoryUsage().heapUsed });
});
process.channel.unref();
process.on('disconnect', () => process.exit());
