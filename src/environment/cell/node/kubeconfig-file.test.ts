import { KubeConfig } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { kubeconfig } from './kubeconfig-file.ts';

test('is what a Kubernetes client reads, with nothing outside it', () => {
  const text = kubeconfig({
    server: 'https://10.231.7.2:6443',
    caCertificate: 'ca certificate\n'.repeat(20),
    identity: { certificate: 'client certificate\n', key: 'client key\n' },
    name: 'padlock-default',
  });
  const config = new KubeConfig();
  config.loadFromString(text);
  const decoded = (data: string | undefined) => Buffer.from(data ?? '', 'base64').toString();
  expect(config.getCurrentContext()).toBe('padlock-default');
  expect(config.getCurrentCluster()).toMatchObject({ server: 'https://10.231.7.2:6443', skipTLSVerify: false });
  expect(decoded(config.getCurrentCluster()?.caData)).toBe('ca certificate\n'.repeat(20));
  expect(decoded(config.getCurrentUser()?.certData)).toBe('client certificate\n');
  expect(decoded(config.getCurrentUser()?.keyData)).toBe('client key\n');
  expect(config.getCurrentUser()?.keyFile).toBeUndefined();
});
