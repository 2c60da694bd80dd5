import { expect, test } from 'vitest';
import { after, goodEvidence, recordedHttpProbe, recordedTlsProbe } from '../checks/testing/evidence-fixture.ts';
import { describeError, httpProbe, tlsProbe, urlOf } from './recorded-probe.ts';

test('takes the last probe of a name and kind', async () => {
  const evidence = await goodEvidence();
  evidence.probes.push({ ...recordedHttpProbe(evidence, 'https-application'), at: after(29) });
  evidence.probes.push({ ...recordedTlsProbe(evidence, 'tls-trusted'), at: after(29) });
  expect(httpProbe(evidence, 'https-application')?.at).toBe(after(29));
  expect(tlsProbe(evidence, 'tls-trusted')?.at).toBe(after(29));
  expect(tlsProbe(evidence, 'https-application')).toBeUndefined();
});

test('treats an invalid URL as missing', async () => {
  const probe = recordedHttpProbe(await goodEvidence(), 'https-application');
  expect(urlOf(probe)?.pathname).toBe('/get');
  expect(urlOf({ ...probe, url: 'nowhere' })).toBeNull();
});

test('names the code of an error if it has one', () => {
  expect(describeError({ error: 'connect failed', code: 'ECONNREFUSED' })).toBe('connect failed (ECONNREFUSED)');
  expect(describeError({ error: 'connect failed', code: null })).toBe('connect failed');
});
