import { expect, test } from 'vitest';
import { ingressGatewayOfCharts } from '../src/environment/environment.ts';
import { allScenarios } from './index.ts';

const beside = allScenarios.filter(({ changesClusterWide }) => changesClusterWide === null);

test.each(['issuer', 'certificate', 'secret'] as const)(
  'scenarios that run beside each other have a %s of their own',
  (object) => {
    const names = beside.map(({ id, subject }) => {
      const { namespace, name } = subject({
        host: `${id}.padlock.test`,
        namespace: id,
        // As in a cell, where nothing tells apart what scenarios make outside of their own namespaces.
        applicationNamespace: 'default',
        suffix: '',
        gateway: ingressGatewayOfCharts,
      })[object];
      return `${namespace}/${name}`;
    });
    expect(names).toEqual([...new Set(names)]);
  },
);
