/**
 * Sits one exam in the machine, and writes a line to /host/NAME.jsonl for each step. Nothing is judged here: the tests of the host
 * read the lines. Started by start.sh as `node exam.ts NAME`.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { leftSince, lookAtMachine, type MachineState } from '../../machine.ts';
import { type ExamName, type ExamStep, examNames } from './exam-step.ts';

const name = examNames.find((one) => one === process.argv[2]);
if (name === undefined) throw new Error(`usage: exam.ts ${examNames.join('|')}`);

function write(step: ExamStep): void {
  // The console shows how far it is.
  process.stdout.write(`exam: ${step.id} ended with ${step.exitCode} after ${step.seconds.toFixed(1)} s\n`);
  appendFileSync(`/host/${name}.jsonl`, `${JSON.stringify(step)}\n`);
}

interface Started {
  readonly child: ChildProcess;
  /** Resolves when stderr has shown a text; rejects when the program ends before. */
  shows(text: string): Promise<void>;
  /** Resolves when the program has ended and the step is written. */
  readonly written: Promise<void>;
}

function start(id: string, command: readonly string[]): Started {
  const [program = '', ...args] = command;
  const started = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/srv/padlock' });
  let [stdout, stderr] = ['', ''];
  const looks = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const look of looks) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const look of looks) look();
  });
  const written = once(child, 'close').then(([exitCode]: readonly unknown[]) => {
    const seconds = (performance.now() - started) / 1000;
    write({ id, exitCode: typeof exitCode === 'number' ? exitCode : null, seconds, stdout, stderr });
  });
  const shows = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (`${stdout}${stderr}`.includes(text)) resolve();
      };
      looks.add(look);
      void written.then(() => reject(new Error(`${id} ended before it showed '${text}'`)));
      look();
    });
  return { child, shows, written };
}

/** Runs a program to its end, as one step. */
async function run(id: string, ...command: readonly string[]): Promise<void> {
  await start(id, command).written;
}

/** Looks at something, as one step. */
function note(id: string, what: unknown): void {
  write({ id, exitCode: null, seconds: 0, stdout: JSON.stringify(what), stderr: '' });
}

/** A command in a session of its own, as a person has who comes over the network; the session ends with the command. */
function overSsh(user: string, command: string): readonly string[] {
  return ['ssh', '-tt', '-o', 'StrictHostKeyChecking=no', '-o', 'LogLevel=ERROR', `${user}@127.0.0.1`, command];
}

/** A command as a service of systemd. @param properties of the unit, e.g. `RestrictNamespaces=yes` */
function asService(properties: readonly string[], ...command: readonly string[]): readonly string[] {
  return [
    'systemd-run',
    ...['--wait', '--pipe', '--collect', '--quiet', '--service-type=exec', '--working-directory=/srv/padlock'],
    ...['--property=EnvironmentFile=/etc/environment', '--setenv=HOME=/root'],
    ...properties.map((property) => `--property=${property}`),
    ...command,
  ];
}

/** A command as in a container: its service has a cgroup of its own, the root of what the command sees, and processes in it. */
function asContainer(...command: readonly string[]): readonly string[] {
  const inside = 'mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"';
  return asService(['Delegate=yes'], 'unshare', '--cgroup', '--mount', 'sh', '-c', inside, 'sh', ...command);
}

const filler = '/srv/filler';

/** Leaves so many bytes free on the disk of cache and state. */
function fillDisk(freeBytes: number): void {
  const { bfree, bsize } = statfsSync('/srv');
  execFileSync('fallocate', ['--length', String(bfree * bsize - freeBytes), filler]);
}

/** Starts a command, fills the disk when it has shown a text, and lets it come to its end. */
async function runUntilFull(id: string, text: string, ...command: readonly string[]): Promise<void> {
  const started = start(id, command);
  try {
    await started.shows(text);
    fillDisk(0);
    await started.written;
  } finally {
    rmSync(filler, { force: true });
  }
}

const padlock = './padlock';

function machineFacts(): Record<string, string> {
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim() : '');
  return {
    release: /^PRETTY_NAME="(.*)"$/m.exec(read('/etc/os-release'))?.[1] ?? '',
    kernel: read('/proc/sys/kernel/osrelease'),
    controllers: read('/sys/fs/cgroup/cgroup.controllers'),
    appArmor: read('/sys/module/apparmor/parameters/enabled'),
    maxUserNamespaces: read('/proc/sys/user/max_user_namespaces'),
    init: read('/proc/1/comm'),
    processors: String(read('/proc/cpuinfo').match(/^processor/gm)?.length ?? 0),
  };
}

const exams: Readonly<Record<ExamName, (before: MachineState) => Promise<void>>> = {
  async 'until-power-cut'(before) {
    await run('forbid-user-namespaces', 'sysctl', '--write', 'user.max_user_namespaces=0');
    note('machine', machineFacts());
    await run('doctor', padlock, 'doctor');
    await run('visitor-up', ...asService(['User=visitor'], 'env', 'XDG_STATE_HOME=/home/visitor', padlock, 'up'));
    await run('no-cgroups-up', ...asService(['ProtectControlGroups=yes'], padlock, 'up'));
    await run('no-namespaces-up', ...asService(['RestrictNamespaces=yes'], padlock, 'up'));
    note('left-after-refusals', leftSince(before));
    const cut = start('cut', overSsh('root', `cd /srv/padlock && ${padlock} up --name cut`));
    await cut.shows('cell: processes');
    note('in-mid-start', {});
    // The host takes the power.
    await cut.written;
  },

  async 'after-power-cut'() {
    await run('status', padlock, 'status');
    await run('down-all', padlock, 'down', '--all');
    note('left', lookAtMachine());
    await run('failed-units', 'systemctl', '--failed', '--no-legend', '--plain');
  },

  async runs(before) {
    await run('session-up', ...overSsh('root', `cd /srv/padlock && ${padlock} up --name kept`));
    await run('status-after-logout', ...overSsh('root', `cd /srv/padlock && ${padlock} status --json`));
    const besideKept = lookAtMachine();
    await run('service-run', ...asService([], padlock, 'run', 'core', '--report', '/srv/report'));
    if (existsSync('/srv/report')) cpSync('/srv/report', '/host/report', { recursive: true });
    await run('status-after-run', padlock, 'status', '--json');
    note('left-after-run', leftSince(besideKept));
    await run('down-all', padlock, 'down', '--all');
    note('left', leftSince(before));
  },

  async small(before) {
    note('machine', machineFacts());
    await run('doctor', padlock, 'doctor');
    await run('up', padlock, 'up');
    note('left', leftSince(before));
  },

  async 'full-disk'(before) {
    await runUntilFull('up', 'cell: namespaces', padlock, 'up');
    note('left-after-up', leftSince(before));
    await runUntilFull('run', 'waiting for Certificate', padlock, 'run', 'http01-ingress', '--report', '/root/report');
    note('left-after-run', leftSince(before));
    rmSync('/srv/cache/images', { recursive: true });
    fillDisk(64 * 2 ** 20);
    await run('build', padlock, 'build');
    rmSync(filler);
    await run('build-again', padlock, 'build');
  },

  async container(before) {
    await run('doctor', ...asContainer(padlock, 'doctor'));
    await run('run', ...asContainer(padlock, 'run', 'http01-ingress', '--skip', 'browser', '--report', '/srv/report'));
    note('left', leftSince(before));
  },

  async 'one-core'(before) {
    note('machine', machineFacts());
    await run('run', padlock, 'run', 'http01-ingress', '--skip', 'browser', '--report', '/srv/report');
    note('left', leftSince(before));
  },
};

await exams[name](lookAtMachine());
note('end', {});
