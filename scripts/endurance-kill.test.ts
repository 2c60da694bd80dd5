import { expect, test } from 'vitest';
import { outcomeOf } from './endurance-kill.ts';

test.each([
  ['a run that passes survived', 'coredns', 0, '', { outcome: 'survived', said: null }],
  ['the command itself was killed', 'padlock', null, 'anything', { outcome: 'killed', said: null }],
  [
    'a message that names what died',
    'etcd',
    3,
    "  1.0 s  progress\nThe cell 'x' failed: etcd was killed (SIGKILL).\n",
    { outcome: 'named', said: "The cell 'x' failed: etcd was killed (SIGKILL)." },
  ],
  [
    'a name that /proc cuts',
    'kube-controller',
    3,
    "The cell 'x' failed: kube-controller-manager was killed (SIGKILL).",
    { outcome: 'named' },
  ],
  [
    'the first process of namespaces',
    'sleep',
    3,
    "The cell 'x' failed: pebble was killed with all processes of its namespaces, whose first process ended, 25 s after its start.",
    { outcome: 'named' },
  ],
  ['a message that names something else', 'envoy', 1, 'http01-ingress: failed after 9 s', { outcome: 'told' }],
] as const)('%s', (_, victim, exitCode, stderr, expected) => {
  expect(outcomeOf(victim, { exitCode, stderr })).toMatchObject(expected);
});
