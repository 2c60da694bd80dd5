import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiServerFixture } from './api-server-fixture.ts';
import { KubeClient, preloadKubeClient } from './client.ts';
import { type ExecRequest, execInPod } from './exec.ts';
import type { ExecFixture } from './exec-fixture.ts';

const request: ExecRequest = {
  namespace: 'istio-system',
  pod: 'gateway-1',
  container: 'istio-proxy',
  command: ['pilot-agent', 'request', 'GET', 'config_dump'],
  withinMs: 10_000,
};
const what = 'Could not run pilot-agent in container istio-proxy of Pod istio-system/gateway-1';

let server: ApiServerFixture;
let client: KubeClient;

beforeAll(preloadKubeClient, 60_000);

beforeEach(async () => {
  server = await ApiServerFixture.start();
  client = await KubeClient.open(server.kubeconfig);
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe('execInPod', () => {
  test('gives what the command wrote and its exit code', async () => {
    const commands: string[][] = [];
    server.onExec = (exec) => {
      commands.push(exec.command);
      exec.write('stdout', '{"configs":');
      exec.write('stderr', 'a warning\n');
      exec.write('stdout', '[]}');
      exec.end(0);
    };
    expect(await execInPod(client, request)).toEqual({
      stdout: '{"configs":[]}',
      stderr: 'a warning\n',
      exitCode: 0,
    });
    expect(commands).toEqual([['pilot-agent', 'request', 'GET', 'config_dump']]);
    expect(server.requests.at(-1)).toMatch(
      /^UPGRADE \/api\/v1\/namespaces\/istio-system\/pods\/gateway-1\/exec\?.*stdin=false&tty=false.*container=istio-proxy/,
    );
  });

  test('a command that fails is an answer, with its exit code', async () => {
    server.onExec = (exec) => {
      exec.write('stderr', 'Error: no such thing\n');
      exec.end(7);
    };
    expect(await execInPod(client, request)).toEqual({ stdout: '', stderr: 'Error: no such thing\n', exitCode: 7 });
  });

  test('a missing program in the container is reported as such', async () => {
    server.onExec = (exec) =>
      exec.endWith({
        status: 'Failure',
        message: 'Internal error occurred: exec: "pilot-agent": executable file not found in $PATH',
        reason: 'InternalError',
        code: 500,
      });
    await expect(execInPod(client, request)).rejects.toMatchObject({
      name: 'KubeError',
      message: `${what}: the API server says: Internal error occurred: exec: "pilot-agent": executable file not found in $PATH.`,
      reason: 'InternalError',
    });
  });

  test('a user without the right is told so', async () => {
    await expect(execInPod(client, request)).rejects.toMatchObject({
      message: `${what}: it is not allowed (403 Forbidden).`,
      status: 403,
    });
  });

  test('a command that hangs ends at the time limit, and its connection with it', async () => {
    const opened = Promise.withResolvers<ExecFixture>();
    server.onExec = opened.resolve;
    await expect(execInPod(client, { ...request, withinMs: 200 })).rejects.toThrow(
      `${what}: it did not end within 0.2 s.`,
    );
    await (await opened.promise).closed;
  });

  test('an upgrade that is never answered ends at the time limit', async () => {
    server.onExec = null;
    await expect(execInPod(client, { ...request, withinMs: 200 })).rejects.toThrow(
      `${what}: it did not end within 0.2 s.`,
    );
  });

  test('a connection that breaks off is said to have done so', async () => {
    server.onExec = (exec) => {
      exec.write('stdout', 'half of ');
      exec.breakOff();
    };
    await expect(execInPod(client, request)).rejects.toThrow(`${what}: the connection was closed before it ended.`);
  });

  test('an aborted signal ends it with its reason, even if it was aborted before', async () => {
    const stop = new AbortController();
    server.onExec = () => stop.abort(new Error('interrupted'));
    await expect(execInPod(client, { ...request, signal: stop.signal })).rejects.toThrow('interrupted');
    server.onExec = null;
    await expect(execInPod(client, { ...request, signal: stop.signal })).rejects.toThrow('interrupted');
  });

  test('an API server that is not there is named as the cause', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const text = server.kubeconfig.text.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);
    await using nobody = await KubeClient.open({ text });
    await expect(execInPod(nobody, request)).rejects.toThrow(`${what}: connect ECONNREFUSED 127.0.0.1:${port}.`);
  });
});
