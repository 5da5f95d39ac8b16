import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../../bench/figures.js';
import { book } from '../booking.js';
import type { Caller } from '../caller.js';
import { Random } from '../torture/random.js';
import { startAttacker, type AttackProcess } from './attack-process.js';
import { AttackedNode, type Holdings, type NodeOptions } from './attacked-node.js';
import { hasGivenBack } from './aims.js';
import type { Account, Job } from './job.js';
import type { Outcome } from './outcome.js';
import type { Scenario } from './scenario.js';
import { Victim } from './victim.js';

export interface AttackOptions extends NodeOptions {
  readonly seed: number;
  /** Of each attack; what comes before it, without one, takes half of it. */
  readonly seconds: number;
  /** Of each scenario; the median by the victim's p99 is told. */
  readonly repeat?: number;
}

/** For what was taken to come back: descriptors at once, the rest when its time is over. */
const GIVE_BACK_MS = 10_000;

const ATTACKER = '127.0.0.1';
const VICTIM = '127.0.0.2';

/** Attacks a node in one way after the other, without a restart, and tells each outcome as it is known. */
export class Attack {
  private constructor(
    private readonly node: AttackedNode,
    private readonly victim: Victim,
    private readonly attacker: AttackProcess,
    private readonly job: Omit<Job, 'scenario' | 'seed'>,
    private readonly options: AttackOptions,
  ) {}

  static async begin(options: AttackOptions): Promise<Attack> {
    const [node, attacker] = await Promise.all([AttackedNode.start(options), startAttacker()]);
    const [operator, patient, doctor] = await Promise.all(
      ['operator', 'patient', 'doctor'].map((who) => node.signIn(who)),
    );
    if (!operator || !patient || !doctor) throw new Error('Nobody could sign in');
    const victim = new Victim(node, operator, VICTIM);
    await victim.arrive();
    const job = {
      seconds: options.seconds,
      port: node.port,
      tcpPort: node.tcpPort,
      localAddress: ATTACKER,
      account: await accountOf(patient, doctor, operator),
      doctorId: doctor.user.id,
    };
    const attack = new Attack(node, victim, attacker, job, options);
    await attack.#warmUp();
    return attack;
  }

  /** The median of the runs that were asked for. */
  async perform(scenario: Scenario, round = 0): Promise<Outcome> {
    const runs: Outcome[] = [];
    for (let i = 0; i < (this.options.repeat ?? 1); i++) runs.push(await this.#once(scenario, round + i));
    return median(runs, ({ during }) => during.waits.p99);
  }

  get hasEnded(): boolean {
    return this.node.hasEnded;
  }

  get log(): string {
    return this.node.output;
  }

  async end(): Promise<void> {
    this.victim.leave();
    await Promise.all([this.attacker.stop(), this.node.stop()]);
  }

  async #once(scenario: Scenario, round: number): Promise<Outcome> {
    const seed = this.options.seed + round * 1_000_003;
    await this.victim.arrive();
    const quiet = await this.victim.work(sleep(this.options.seconds * 500));
    const before = await this.node.holdings();

    this.node.forgetPeak();
    const over = new AbortController();
    const attacking = this.attacker.run({ ...this.job, scenario: scenario.name, seed });
    const befalling = scenario.befall?.(this.node, new Random(seed), over.signal);
    const during = await this.victim.work(Promise.race([attacking, this.#end()]));
    const { peak } = this.node;
    over.abort();
    const spoils = await attacking;
    await befalling;

    await this.victim.tidyUp();
    // One that is gone has given all back.
    const after = await this.#givenBack(before).catch((error: unknown) => {
      if (!this.node.hasEnded) throw error;
      return before;
    });
    return { scenario, quiet, during, before, peak, after, spoils, hasEnded: this.node.hasEnded };
  }

  /** What is made once and kept is made before anything is measured. */
  async #warmUp(): Promise<void> {
    const url = `http://127.0.0.1:${this.node.port}`;
    for (const path of [
      '/api/openapi.json',
      '/api/asyncapi.json',
      '/api/docs',
      '/metrics',
      '/readyz',
      '/ws/info',
    ])
      await (await fetch(url + path, { headers: { Connection: 'close' } })).arrayBuffer();
    await this.victim.work(sleep(2_000));
  }

  /** Looks until it is as before, or the time for it is over. */
  async #givenBack(before: Holdings): Promise<Holdings> {
    const end = performance.now() + GIVE_BACK_MS;
    let after = await this.node.holdings();
    while (!hasGivenBack(before, after) && performance.now() < end) {
      await sleep(1_000);
      after = await this.node.holdings();
    }
    return after;
  }

  /** A node that has ended answers nobody. */
  async #end(): Promise<void> {
    while (!this.node.hasEnded) await sleep(100, undefined, { ref: false });
  }
}

/** Of somebody who has been here for a while: with an appointment, and an inbox. */
const ROWS = 200;

async function accountOf(patient: Caller, doctor: Caller, operator: Caller): Promise<Account> {
  const { id: appointmentId } = await book(patient, doctor);
  const told = { userId: patient.user.id, message: 'Please bring your card.' };
  // A connection that is kept alive would be counted as the node's for as long as it lives.
  const once = { Connection: 'close' };
  await Promise.all(Array.from({ length: ROWS }, () => operator.post('/api/notifications', told, once)));
  const { items } = await patient.get<{ items: readonly { id: number; cursor: string }[] }>(
    '/api/notifications',
  );
  const [first] = items;
  if (!first) throw new Error('The patient was told nothing');
  const { user, token } = patient;
  return {
    id: user.id,
    email: user.email,
    token,
    appointmentId,
    notificationId: first.id,
    cursor: first.cursor,
  };
}
