import { expect, test } from 'vitest';
import { caServers } from '../../../ca-servers/ca-servers.ts';
import { setUpOwnCa } from '../../outside/outside-services.ts';
import { outsideProcesses } from './outside-processes.ts';

const identity = { certificate: 'a certificate', privateKey: 'its key', root: 'its root' };

test.each(caServers)('starts $id with the files outside, asking only the name server of the cell', async (server) => {
  const setup = await setUpOwnCa(server, identity, '10.231.7.6');
  const processes = outsideProcesses((name) => `/opt/${name}`, server, setup);
  expect(processes.map(({ name }) => name)).toEqual(['named', server.id]);
  const { command = [], environment } = processes[1] ?? {};
  expect(command[0]).toBe(`/opt/${server.program}`);
  expect(command.join(' ')).toContain('10.231.7.6:53');
  const files = setup.files.map(({ name }) => `/run/outside/ca/${name}`);
  expect(files).toContain(command.find((argument) => argument.startsWith('/run/outside/')));
  expect(environment).toEqual(setup.environment);
});
