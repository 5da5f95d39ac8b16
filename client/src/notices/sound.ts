let audio: AudioContext | undefined;

/** Two strokes of a small bell, in one tab of all that hear of the same. Silent until somebody has touched the page. */
export function ring(notificationId: number): void {
  void inOneTab(`carillon.sound.${notificationId}`, strike);
}

/** Of tabs that ask for the same within two seconds, the first does it. */
async function inOneTab(name: string, work: () => void): Promise<void> {
  // Away on plain http: then each tab rings.
  if (!('locks' in navigator)) return work();
  await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    work();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  });
}

function strike(): void {
  audio ??= new AudioContext();
  // A browser that wants a touch first leaves it suspended: what is struck then is never heard, and not later either.
  if (audio.state === 'suspended') {
    void audio.resume().catch(() => undefined);
    return;
  }
  tone(audio, 987.77, 0);
  tone(audio, 783.99, 0.18);
}

function tone(context: AudioContext, frequency: number, delay: number): void {
  const at = context.currentTime + delay;
  const oscillator = new OscillatorNode(context, { type: 'sine', frequency });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.15, at + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.7);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.75);
}
