import { expect, test } from 'vitest';
import { engineProblem, openContainerEngine } from './container-engine.ts';

test('tells an engine that does not run from one that this user may not use', () => {
  const stopped = engineProblem(
    'docker',
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n',
  );
  expect(stopped.exitCode).toBe(3);
  expect(stopped.message).toBe(
    "The engine of docker is not running (unix:///var/run/docker.sock). Start it, e.g. with 'sudo systemctl start docker', or set DOCKER_HOST.",
  );
  const refused = engineProblem(
    'docker',
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://x/v1.41/version": dial unix /var/run/docker.sock: connect: permission denied',
  );
  expect(refused.exitCode).toBe(3);
  expect(refused.message).toMatch(
    /^This user has no permission to use docker \(unix:\/\/\/var\/run\/docker\.sock\)\. /,
  );
});

test('passes on what it does not know, and says when nothing was said', () => {
  expect(engineProblem('podman', '\nError: the machine is on fire\n').message).toBe(
    'podman does not answer: Error: the machine is on fire.',
  );
  expect(engineProblem('docker', '').message).toBe('docker does not answer: no answer within 20 s.');
});

test('refuses what has no API for the containers beside the node', async () => {
  await expect(openContainerEngine('nerdctl')).rejects.toThrow('nerdctl has no Docker API');
  await expect(openContainerEngine('lxc')).rejects.toThrow("Unknown provider 'lxc'. Known providers: docker, podman.");
});
