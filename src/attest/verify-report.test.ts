import { createHash, generateKeyPairSync } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { goodPathChecks } from '../checks/all-checks.ts';
import { goodEvidence } from '../checks/testing/evidence-fixture.ts';
import { featureCountsOf } from '../report/feature-counts.ts';
import { reportSchemaVersion } from '../report/report.ts';
import { UserError } from '../user-error.ts';
import { attestReports } from './attest.ts';
import { sealEnvelope } from './envelope.ts';
import {
  changeEvidenceAndDigest,
  changeReport,
  evidenceName,
  writeKeyPair,
  writeTrueReport,
} from './report-fixture.ts';
import { loadSigningKey, type SigningKey } from './signing-key.ts';
import { loadVerificationKey, type VerificationKey } from './verification-key.ts';
import { type VerificationRequest, verifyReport } from './verify-report.ts';

let root: string;
let folder: string;
let signer: SigningKey;
let key: VerificationKey;
const at = (name: string) => path.join(folder, name);

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'padlock-verify-'));
  const files = await writeKeyPair(root, 'key', generateKeyPairSync('ed25519').privateKey);
  signer = await loadSigningKey(files.private, {});
  key = await loadVerificationKey(files.public, {});
});
afterAll(() => rm(root, { recursive: true }));

beforeEach(async () => {
  folder = await mkdtemp(path.join(root, 'report-'));
  await writeTrueReport(folder);
  await attestReports(folder, signer);
});

function verified(changes: Partial<VerificationRequest> = {}) {
  return verifyReport({
    folder,
    key,
    padlockVersion: '0.1.0',
    checksOf: () => goodPathChecks.map(({ id }) => id),
    ...changes,
  });
}

async function findings(changes: Partial<VerificationRequest> = {}): Promise<string[]> {
  return (await verified(changes)).findings.map(({ about, message }) => `${about}: ${message}`);
}

const matching = (...parts: string[]) => parts.map((part) => expect.stringContaining(part));

/** Signs again after a change to the statement, as the holder of the key could. */
async function resign(change: (statement: { [name: string]: unknown; subject: unknown[] }) => void): Promise<void> {
  const file = at('attestation.intoto.json');
  const statement = JSON.parse(Buffer.from(JSON.parse(await readFile(file, 'utf8')).payload, 'base64').toString());
  change(statement);
  await writeFile(file, sealEnvelope(Buffer.from(JSON.stringify(statement)), signer));
}

async function changeEnvelope(change: (envelope: Record<string, unknown>) => void): Promise<void> {
  const file = at('attestation.intoto.json');
  const envelope = JSON.parse(await readFile(file, 'utf8'));
  change(envelope);
  await writeFile(file, JSON.stringify(envelope));
}

describe('what is true', () => {
  test('an unchanged signed report is valid, with every verdict judged again', async () => {
    const verification = await verified();
    expect(verification).toMatchObject({ signature: 'valid', findings: [], malformed: [], notes: [] });
    expect(verification.scenarios[0]?.checks).toHaveLength(goodPathChecks.length);
    expect(new Set(verification.scenarios[0]?.checks.map(({ judged }) => judged))).toEqual(new Set(['passed']));
  });

  test('so does a report of a failed run', async () => {
    const evidence = await goodEvidence();
    evidence.accessLog = [];
    const failedFolder = await mkdtemp(path.join(root, 'failed-'));
    await writeTrueReport(failedFolder, { evidence });
    await attestReports(failedFolder, signer);
    const verification = await verified({ folder: failedFolder });
    expect(verification.findings).toEqual([]);
    expect(verification.scenarios[0]?.checks.some(({ judged }) => judged === 'failed')).toBe(true);
  });

  test('without a key it says that no signature was checked', async () => {
    expect(await verified({ key: null })).toMatchObject({
      signature: 'unchecked',
      findings: [],
      notes: [expect.stringContaining('No signature was checked')],
    });
    await unlink(at('attestation.intoto.json'));
    expect(await verified({ key: null })).toMatchObject({ signature: 'unchecked', findings: [] });
  });

  test('another version of Padlock is named', async () => {
    expect((await verified({ padlockVersion: '0.2.0' })).notes).toEqual([
      'Padlock 0.1.0 wrote this report and Padlock 0.2.0 verifies it, so verdicts may differ.',
    ]);
  });

  test('a picture is signed with its digest', async () => {
    const picture = Buffer.from('a picture');
    const sha256 = createHash('sha256').update(picture).digest('hex');
    const evidence = await goodEvidence();
    evidence.probes.push({
      kind: 'browser',
      name: 'browser-trusted',
      at: evidence.scenario.endedAt,
      durationMs: 100,
      url: `https://${evidence.subject.host}/`,
      trust: 'ca-roots',
      browser: 'Chrome/156',
      outcome: {
        status: 200,
        address: null,
        securityState: 'secure',
        protocol: 'TLS 1.3',
        cipher: 'AES_128_GCM',
        keyExchange: 'X25519',
        subject: '',
        issuer: 'Pebble',
        validFrom: evidence.scenario.startedAt,
        validTo: evidence.scenario.endedAt,
        chain: [],
        screenshotSha256: sha256,
      },
    });
    await rm(folder, { recursive: true });
    await writeTrueReport(folder, { evidence });
    await writeFile(at('evidence/http01-ingress.png'), picture);
    await changeReport(folder, ({ scenarios: [scenario] }) => {
      if (!scenario?.browser) throw new Error('no browser in the report');
      scenario.browser.screenshot = 'evidence/http01-ingress.png';
      scenario.browser.screenshotSha256 = sha256;
    });
    await attestReports(folder, signer);
    expect(await findings()).toEqual([]);
    await writeFile(at('evidence/http01-ingress.png'), 'another picture');
    expect(await findings()).toEqual(
      matching(
        'statement: The attestation covers another evidence/http01-ingress.png',
        'file: The file evidence/http01-ingress.png does not match report.json',
      ),
    );
    const forged = createHash('sha256').update('another picture').digest('hex');
    await changeReport(folder, ({ scenarios: [scenario] }) => {
      if (scenario?.browser) scenario.browser.screenshotSha256 = forged;
    });
    await attestReports(folder, signer);
    expect(await findings()).toEqual(matching('browser.screenshotSha256 is'));
  });
});

describe('tampering is seen', () => {
  test('a flipped byte in evidence', async () => {
    const text = await readFile(at(evidenceName), 'utf8');
    await writeFile(at(evidenceName), text.replace('istio-envoy', 'istio-envoX'));
    expect(await findings()).toEqual(
      matching(
        `statement: The attestation covers another ${evidenceName}`,
        `file: The file ${evidenceName} does not match report.json`,
      ),
    );
    expect(await findings({ key: null })).toHaveLength(2);
  });

  test('a changed verdict in the report', async () => {
    await changeReport(folder, (report) => {
      const [scenario] = report.scenarios;
      const check = scenario?.checks[0];
      if (!scenario || !check) throw new Error('no check in the report');
      report.result = scenario.result = check.result = 'failed';
      report.features = featureCountsOf(report.scenarios);
    });
    expect(await findings()).toEqual(
      matching(
        'statement: The attestation covers another report.json',
        'statement: The attestation\'s result is "PASSED", but the report gives "FAILED"',
        "statement: The attestation's passedTests",
        "statement: The attestation's failedTests",
        'verdict: http01-ingress: account-registered is passed on this evidence, but the report says failed',
        'verdict: http01-ingress: these verdicts make it passed',
        'verdict: The evidence makes the result of the run passed, but the report says failed',
      ),
    );
  });

  test('a removed evidence file', async () => {
    await unlink(at(evidenceName));
    expect(await findings()).toEqual(
      matching(
        `statement: The attestation covers a file "${evidenceName}" that does not belong to this report or does not exist`,
        `file: The file ${evidenceName}, which report.json names, cannot be read: no such file or folder`,
      ),
    );
  });

  test('an extra evidence file, also a hidden one', async () => {
    await copyFile(at(evidenceName), at('evidence/extra.json'));
    await writeFile(at('evidence/.hidden'), '');
    expect(await findings()).toEqual(
      matching('file: The file "evidence/.hidden" is in the folder', 'file: The file "evidence/extra.json"'),
    );
  });

  test('evidence that is a link to elsewhere', async () => {
    await copyFile(at(evidenceName), at('elsewhere.json'));
    await unlink(at(evidenceName));
    await symlink('../elsewhere.json', at(evidenceName));
    expect(await findings()).toContainEqual(expect.stringContaining('cannot be read: it is a symbolic link'));
  });

  test('a foreign key', async () => {
    const files = await writeKeyPair(root, 'foreign', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    const foreign = await loadVerificationKey(files.public, {});
    expect(await verified({ key: foreign })).toMatchObject({ signature: 'invalid' });
    expect(await findings({ key: foreign })).toEqual(matching('was not made with the given key'));
  });

  test('a removed attestation', async () => {
    await unlink(at('attestation.intoto.json'));
    expect(await findings()).toEqual(matching('signature: There is no signature'));
  });

  test('an altered payload', async () => {
    await changeEnvelope((envelope) => {
      const statement = Buffer.from(String(envelope.payload), 'base64').toString().replace('PASSED', 'WARNED');
      envelope.payload = Buffer.from(statement).toString('base64');
    });
    expect(await findings()).toEqual(matching(`is invalid: it claims the key ${key.keyId}`));
  });

  test('an altered payload type', async () => {
    await changeEnvelope((envelope) => {
      envelope.payloadType = 'application/json';
    });
    expect(await findings()).toEqual(matching('signature: The signature in attestation.intoto.json is invalid'));
    expect(await findings({ key: null })).toEqual(matching('payload type is "application/json"'));
  });

  test("another run's attestation, by the same key", async () => {
    const other = await mkdtemp(path.join(root, 'other-'));
    await writeTrueReport(other);
    await changeReport(other, (report) => {
      report.environment.name = 'padlock-2';
    });
    await attestReports(other, signer);
    await copyFile(path.join(other, 'attestation.intoto.json'), at('attestation.intoto.json'));
    expect(await verified()).toMatchObject({ signature: 'valid' });
    expect(await findings()).toContainEqual(expect.stringContaining('The attestation covers another report.json'));
  });

  test('evidence and report changed to agree, and not the attestation', async () => {
    await changeEvidenceAndDigest(folder, (evidence) => {
      evidence.problems.push('A sentence that no recorder wrote.');
    });
    expect(await findings({ key: null })).toEqual(await findings());
    expect(await findings()).toEqual(
      matching(
        'statement: The attestation covers another report.json',
        `statement: The attestation covers another ${evidenceName}`,
      ),
    );
  });

  test('a large file', async () => {
    await truncate(at(evidenceName), 257 * 1024 * 1024);
    expect(await findings()).toContainEqual(expect.stringContaining('cannot be read: it has 269484032 bytes or more'));
  });
});

describe('a statement that the key signed, and that is not about this report', () => {
  test.each<[string, (statement: { [name: string]: unknown; subject: unknown[] }) => void, string]>([
    ['without a subject', ({ subject }) => subject.pop(), `The attestation does not cover the file ${evidenceName}`],
    ['with one twice', ({ subject }) => subject.push(subject[0]), 'The attestation names "report.json" twice'],
    [
      'with one outside',
      ({ subject }) => subject.push({ name: '../../etc/passwd', digest: { sha256: 'a'.repeat(64) } }),
      'covers a file "../../etc/passwd" that does not belong to this report',
    ],
    [
      'with a name that is escaped',
      ({ subject }) => subject.push({ name: 'evidence/../report.json', digest: { sha256: 'a'.repeat(64) } }),
      'covers a file "evidence/../report.json" that does not belong to this report',
    ],
    [
      'with a digest of no use',
      ({ subject }) => subject.push({ name: 'x', digest: { md5: 'a'.repeat(32) } }),
      'not an in-toto statement of a test result: at "subject.2.digest.sha256"',
    ],
    [
      'of another type',
      (statement) => {
        statement._type = 'https://in-toto.io/Statement/v0.1';
      },
      `_type is "https://in-toto.io/Statement/v0.1", not https://in-toto.io/Statement/v1`,
    ],
    [
      'of another predicate',
      (statement) => {
        statement.predicateType = 'https://slsa.dev/provenance/v1';
      },
      'predicateType is "https://slsa.dev/provenance/v1"',
    ],
    [
      'with another result',
      (statement) => {
        statement.predicate = { result: 'FAILED', configuration: [] };
      },
      'result is "FAILED", but the report gives "PASSED"',
    ],
  ])('%s', async (_, change, sentence) => {
    await resign(change);
    expect(await verified()).toMatchObject({ signature: 'valid' });
    expect(await findings()).toContainEqual(expect.stringContaining(sentence));
    expect((await verified()).findings.every(({ about }) => about === 'statement')).toBe(true);
  });

  test('a payload that is not JSON', async () => {
    await writeFile(at('attestation.intoto.json'), sealEnvelope(Buffer.from('hello'), signer));
    expect(await findings()).toEqual(["statement: The attestation's payload is not JSON."]);
  });

  test('fields that are not known are ignored, as the framework demands', async () => {
    await resign((statement) => {
      statement.extension = true;
    });
    expect(await findings()).toEqual([]);
  });
});

describe('a report that was signed with something false in it', () => {
  test('a false verdict is caught by judging again', async () => {
    const evidence = await goodEvidence();
    evidence.accessLog = [];
    await rm(folder, { recursive: true });
    await writeTrueReport(folder, { evidence });
    await changeReport(folder, (report) => {
      report.result = 'passed';
      for (const scenario of report.scenarios) {
        scenario.result = 'passed';
        for (const check of scenario.checks) check.result = 'passed';
      }
      report.features = featureCountsOf(report.scenarios);
    });
    await attestReports(folder, signer);
    expect(await verified()).toMatchObject({ signature: 'valid' });
    const found = await findings();
    expect(found).toContainEqual(
      expect.stringContaining(
        'challenge-routed-through-gateway is failed on this evidence, but the report says passed',
      ),
    );
    expect(found.at(-1)).toBe('verdict: The evidence makes the result of the run failed, but the report says passed.');
  });

  test.each<[string, (scenario: { [name: string]: unknown }) => void, string]>([
    ['host', (scenario) => Object.assign(scenario, { host: 'other.test' }), 'host is "shop-4f2a.example.test" by the'],
    [
      'settings',
      (scenario) => Object.assign(scenario, { settings: { a: 'b' } }),
      'settings.a is nothing by the evidence',
    ],
    ['phases', (scenario) => Object.assign(scenario, { phases: [] }), 'phases[0] is'],
    ['chain', (scenario) => Object.assign(scenario, { chain: [] }), 'chain[0] is'],
    ['challengeRequests', (scenario) => Object.assign(scenario, { challengeRequests: [] }), 'challengeRequests[0] is'],
    ['timeline', ({ timeline }) => Object.assign(timeline ?? {}, { events: [] }), 'timeline.events[0] is'],
    ['durationMs', (scenario) => Object.assign(scenario, { durationMs: 1 }), 'durationMs is 30000 by the evidence'],
  ])('%s', async (_, change, sentence) => {
    await changeReport(folder, ({ scenarios: [scenario] }) => change(scenario ?? {}));
    await attestReports(folder, signer);
    expect(await findings()).toEqual(matching(sentence));
  });

  test('a check that was left out', async () => {
    await changeReport(folder, ({ scenarios: [scenario] }) => scenario?.checks.pop());
    await attestReports(folder, signer);
    const last = goodPathChecks.at(-1)?.id ?? '';
    expect(await findings()).toEqual(matching(`verdict: http01-ingress: the report leaves out ${last}`));
    expect((await verified({ padlockVersion: '0.2.0' })).notes.at(-1)).toContain(`the report leaves out ${last}`);
    expect(await findings({ padlockVersion: '0.2.0' })).toEqual([]);
    await changeReport(folder, (report) => report.skippedOnRequest.push('browser'));
    await attestReports(folder, signer);
    expect(await verified()).toMatchObject({
      findings: [],
      notes: [expect.stringContaining('was asked to skip browser')],
    });
  });

  test("a check of a user's scenario, which cannot be judged again, and is not counted", async () => {
    await changeReport(folder, ({ scenarios: [scenario] }) => {
      scenario?.checks.push({ id: 'names-alone', asserts: 'No other name.', result: 'passed', message: 'None.' });
    });
    await attestReports(folder, signer);
    const { findings: found } = await verified();
    expect(found.map(({ message }) => message)).toEqual(
      matching(
        "names-alone is no check of this Padlock, such as one of a user's scenario, so it cannot be judged again.",
      ),
    );
  });

  test('other words than the check finds, unless another version wrote them', async () => {
    await changeReport(folder, ({ scenarios: [scenario] }) => {
      if (scenario?.checks[0]) scenario.checks[0].message = 'All is well.';
      if (scenario?.checks[1]) scenario.checks[1].asserts = 'All is well.';
    });
    await attestReports(folder, signer);
    expect(await findings()).toEqual(matching('the report says "All is well."', 'the report says "All is well."'));
    expect(await findings({ padlockVersion: '0.2.0' })).toEqual([]);
  });

  test('other explanations of the same facts, unless another version wrote them', async () => {
    await changeReport(folder, ({ scenarios: [scenario] }) => {
      const [phase] = scenario?.phases.filter(({ note }) => note !== undefined) ?? [];
      const [gap] = scenario?.timeline.gaps ?? [];
      if (!scenario || !phase || !gap) throw new Error('no note and no gap in the report');
      phase.note = gap.why = 'Nobody knows why.';
      scenario.timeline.clocks = ['All clocks agree.'];
    });
    await attestReports(folder, signer);
    expect(await findings()).toHaveLength(2);
    expect(await findings({ padlockVersion: '0.2.0' })).toEqual([]);
    await changeReport(folder, ({ scenarios: [scenario] }) => {
      for (const gap of scenario?.timeline.gaps ?? []) gap.durationMs += 1;
    });
    await attestReports(folder, signer);
    expect(await findings({ padlockVersion: '0.2.0' })).toEqual(matching('timeline.gaps[0].durationMs is'));
  });

  test('verdicts without evidence', async () => {
    await unlink(at(evidenceName));
    await changeReport(folder, ({ scenarios: [scenario] }) => {
      if (scenario) scenario.evidence = scenario.evidenceSha256 = null;
    });
    await attestReports(folder, signer);
    expect(await findings()).toEqual(
      matching(`the report has ${goodPathChecks.length} verdicts but names no evidence for them`),
    );
  });

  test("another scenario's evidence", async () => {
    await changeEvidenceAndDigest(folder, (evidence) => {
      evidence.scenario.id = 'http01-gateway-api';
    });
    await attestReports(folder, signer);
    expect(await findings()).toEqual(matching('id is "http01-gateway-api" by the evidence'));
  });
});

describe('a file that is not what it should be', () => {
  test('a report cut off, of another version, or not there', async () => {
    const whole = await readFile(at('report.json'), 'utf8');
    await writeFile(at('report.json'), whole.slice(0, 500));
    await expect(verified()).rejects.toThrow(UserError);
    await expect(verified()).rejects.toThrow('is cut off: it ends at offset 500');
    await writeFile(
      at('report.json'),
      whole.replace(`"schemaVersion": ${reportSchemaVersion}`, '"schemaVersion": 999'),
    );
    await expect(verified()).rejects.toThrow('has schema version 999');
    await unlink(at('report.json'));
    await expect(verified()).rejects.toThrow('Cannot read report file');
  });

  test('an attestation cut off', async () => {
    await truncate(at('attestation.intoto.json'), 100);
    await expect(verified()).rejects.toThrow('attestation.intoto.json is not JSON; it may be cut off');
  });

  test('evidence cut off, of another version, or not evidence', async () => {
    const whole = await readFile(at(evidenceName), 'utf8');
    await writeFile(at(evidenceName), whole.slice(0, 500));
    expect((await verified()).malformed).toEqual(matching('is cut off: it ends at offset 500'));
    expect(await findings()).toHaveLength(2);
    await writeFile(at(evidenceName), whole.replace('"schemaVersion": 3', '"schemaVersion": 1'));
    expect((await verified()).malformed).toEqual(matching('has schema version 1'));
  });
});

describe('signing', () => {
  test('a folder whose files differ from its report is refused, and nothing is written', async () => {
    await unlink(at('attestation.intoto.json'));
    await writeFile(at('evidence/stale.json'), '{}');
    await expect(attestReports(folder, signer)).rejects.toThrow(
      `The report in ${folder} was not signed: The file "evidence/stale.json" is in the folder`,
    );
    expect(await readdir(folder)).not.toContain('attestation.intoto.json');
  });

  test('a folder without a report is refused', async () => {
    await expect(attestReports(path.join(root, 'nowhere'), signer)).rejects.toThrow('Cannot read report file');
  });
});
