import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cellsRoot } from '../src/environment/cell/cell-paths.ts';
import { cellNames, readCellRecord } from '../src/environment/cell/cell-record.ts';
import { processStartTime } from '../src/process-start-time.ts';
import { type ProcessStat, processesBelow, readProcessStats } from '../src/process-stat.ts';

const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
/** A process that lives shorter may be missed; whatever it left behind is found by what is below a keeper later. */
const lookEveryMs = 250;

/** How a command ended. */
export interface EndedCommand {
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly stdout: string;
}

/** A padlock command, and every process that was seen below it and below the keepers of its cells. */
export class WatchedCommand {
  readonly pid: number;
  readonly started = performance.now();
  readonly ended: Promise<EndedCommand>;
  readonly #seen = new Map<string, string>();
  #stderr = '';
  #isOver = false;

  /** Its cells have the state folder of this process (XDG_STATE_HOME). */
  constructor(args: readonly string[]) {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid === undefined) throw new Error('padlock could not be started');
    this.pid = child.pid;
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = once(child, 'close').then(([exitCode]) => {
      this.#isOver = true;
      return { exitCode: exitCode as number | null, stderr: this.#stderr, stdout };
    });
    void this.#watch();
  }

  /** The last line that it showed. */
  get lastLine(): string {
    return this.#stderr.trim().split('\n').at(-1) ?? '';
  }

  /** The command, the keepers of its cells and everything below them, as they are now. */
  async processes(): Promise<readonly ProcessStat[]> {
    const all = await readProcessStats();
    const keepers = (await Promise.all((await cellNames()).map(readCellRecord))).flatMap(
      (record) => record?.keeper?.pid ?? [],
    );
    const roots = [this.pid, ...keepers];
    const found = [
      ...all.filter(({ pid }) => roots.includes(pid)),
      ...roots.flatMap((root) => processesBelow(all, root)),
    ];
    // To the kernel, the command and its keepers are all node.
    const role = (pid: number, name: string) =>
      pid === this.pid ? 'padlock' : keepers.includes(pid) ? 'keeper' : name;
    const once = [...new Map(found.map((one) => [one.pid, { ...one, name: role(one.pid, one.name) }])).values()];
    for (const { pid, name } of once) {
      const start = await processStartTime(pid);
      if (start !== null) this.#seen.set(`${pid} ${start}`, name);
    }
    return once;
  }

  /** What is still there of it: processes, and what is in the state folder. */
  async left(): Promise<readonly string[]> {
    const alive = await Promise.all(
      [...this.#seen].map(async ([key, name]) => {
        const [pid = '', start] = key.split(' ');
        return (await processStartTime(Number(pid))) === start ? [`process ${name} (${pid})`] : [];
      }),
    );
    const state = await readdir(cellsRoot()).catch(() => []);
    return [...alive.flat(), ...state.map((name) => `state of the cell ${name}`)];
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      await this.processes();
      await delay(lookEveryMs);
    }
  }
}
