import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** `npx tsc`, without asking a registry. */
export async function compile(folder: string): Promise<void> {
  const compiler = resolve('node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [compiler], { cwd: folder }).catch(
    (error: { readonly stdout: string }) => {
      throw new Error(error.stdout);
    },
  );
}

/** A server that a document or an example shows; it prints where it listens, at the end of a line. */
export class Program {
  private constructor(
    private readonly process: ChildProcess,
    /** The last word that it printed first. */
    readonly said: string,
  ) {}

  static async start(folder: string, file: string): Promise<Program> {
    const child = spawn(process.execPath, [file], {
      cwd: folder,
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    const said = new Promise<string>((done, fail) => {
      child.once('exit', (code) => fail(new Error(`${file} ended with ${code}`)));
      lines.on('line', (line) => {
        if (/(http:\/\/127\.0\.0\.1:)?\d+$/.test(line) && !line.startsWith('['))
          done(line.split(' ').at(-1) ?? '');
      });
    });
    return new Program(child, await said);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill(signal);
    await once(this.process, 'exit');
  }
}
