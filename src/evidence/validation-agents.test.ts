import { expect, test } from 'vitest';
import { isAgentOfCa, isSelfCheckAgent, userAgentOfDirectory, validationAgents } from './validation-agents.ts';

const selfChecks = ['cert-manager-challenges/v1.21.2 (linux/amd64) cert-manager/abc', 'cert-manager/v1.8.0 (clean)'];
const people = ['curl/8.5.0', 'Wget/1.21', 'Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0', 'padlock-probe'];

test.each(validationAgents.flatMap(({ userAgent }) => userAgent ?? []))('%s is a CA, known or not', (agent) => {
  expect(isAgentOfCa(agent, '')).toBe(true);
  expect(isAgentOfCa(`Mozilla/5.0 (compatible; ${agent}/1.1)`, agent)).toBe(true);
});

test.each(selfChecks)('%s is a self-check', (agent) => {
  expect(isSelfCheckAgent(agent)).toBe(true);
  expect(isAgentOfCa(agent, '')).toBe(false);
  expect(isAgentOfCa(agent, 'cert-manager')).toBe(false);
});

test.each([...people, null])('%s is no CA', (agent) => {
  expect(isAgentOfCa(agent, '')).toBe(false);
  expect(isAgentOfCa(agent, "Let's Encrypt")).toBe(false);
});

test('requires only a documented user agent of the CA of a directory', () => {
  expect(userAgentOfDirectory('acme-v02.api.letsencrypt.org')).toBe("Let's Encrypt validation server");
  expect(userAgentOfDirectory('acme.zerossl.com')).toBe('');
  expect(userAgentOfDirectory('notletsencrypt.org')).toBe('');
});
