import { expect, test } from 'vitest';
import { cellNetwork } from './cell-network.ts';
import { nodeComponents } from './node-components.ts';

const processes = nodeComponents((name) => `/built/of-${name}/${name}`, 'cell-node', cellNetwork(7));

test('starts what needs rights only when the API server has made its roles', () => {
  const late = processes.filter(({ startsWhen }) => startsWhen === 'api-server-ready').map(({ name }) => name);
  expect(late).toEqual(expect.arrayContaining(['kube-controller-manager', 'kube-scheduler', 'kube-proxy']));
});
