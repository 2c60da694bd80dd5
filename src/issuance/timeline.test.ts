import { beforeEach, describe, expect, test } from 'vitest';
import { dns01Evidence } from '../checks/testing/ca-evidence-fixture.ts';
import {
  after,
  caAgent,
  forget,
  goodEvidence,
  host,
  logEntry,
  missingIngressClassEvidence,
  put,
  recorded,
  recordedBrowserProbe,
  recordedTlsProbe,
  secondHost,
  selfCheckAgent,
} from '../checks/testing/evidence-fixture.ts';
import type { Evidence, ObjectHistory } from '../evidence/evidence.ts';
import { reportSchema } from '../report/report.ts';
import { readIssuance } from './reading.ts';
import { timelineOf } from './timeline.ts';

let evidence: Evidence;

beforeEach(async () => {
  evidence = withAllMoments(await goodEvidence());
});

/** Adds the moments that the fixture's objects do not show: the Pods' readiness and the Order's URL. */
function withAllMoments(good: Evidence): Evidence {
  for (const pod of good.objects.filter(({ kind }) => kind === 'Pod')) {
    addState(pod, 5.8, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
  }
  put(recorded(good, 'Order'), ['status', 'url'], 'https://acme.ca.example.test:14000/my-order/1');
  return good;
}

/** Adds a state with another status, in the order of time. */
function addState(history: ObjectHistory, seconds: number, status: Record<string, unknown>): void {
  const at = after(seconds);
  const next = history.states.findIndex((state) => state.at > at);
  const object = { ...structuredClone(history.states[0]?.object), status };
  history.states.splice(next < 0 ? history.states.length : next, 0, { at, change: 'modified', object });
}

/** The state that an object had when the recorder began, instead of its first one. */
function existedBefore(history: ObjectHistory, states: number): void {
  history.states = history.states.slice(states - 1);
  const [first] = history.states;
  if (first !== undefined) first.change = 'existed';
}

const seconds = (at: string) => (Date.parse(at) - Date.parse(after(0))) / 1_000;
const named = (name: string) => timelineOf(readIssuance(evidence)).events.filter((event) => event.name === name);
const titles = (name: string) => named(name).map(({ at, title }) => `${seconds(at)} ${title}`);
const names = () => new Set(timelineOf(readIssuance(evidence)).events.map(({ name }) => name));
const gaps = () =>
  timelineOf(readIssuance(evidence)).gaps.map(({ at, durationMs, why }) => [seconds(at), durationMs, why]);

test('a whole issuance, in the order of time, each event with who did it', () => {
  const events = timelineOf(readIssuance(evidence)).events.map(
    ({ at, lane, name, title }) => `${seconds(at)} ${lane} ${name}: ${title}`,
  );
  expect(events).toEqual([
    '1 client action: probe challenge-path-before',
    '2 client issuer-applied: Issuer applied',
    '2.6 ca account-registered: Account registered',
    '4 client certificate-applied: Certificate applied',
    '4.5 cert-manager request-created: CertificateRequest created',
    '4.7 cert-manager order-created: Order created',
    '4.9 ca order-placed: Order placed with the CA',
    '4.9 ca authorization: Authorizations fetched',
    '5 cert-manager challenge-created: Challenge created',
    '5.2 cluster solver-created: Solver Pod created',
    '5.2 cluster solver-created: Solver Service created',
    '5.3 cluster solver-created: Solver Ingress created',
    '5.5 cert-manager presented: Challenge presented',
    '5.8 cluster solver-ready: Solver Pod Ready',
    '6 cert-manager self-check: Self-check: 404',
    '6.1 cert-manager propagation: Challenge waits',
    '13 gateway route-addressed: Solver Ingress got an address',
    '16 gateway route-live: First 200 from the solver',
    ...[16, 18, 20, 22, 24].map((at) => `${at} cert-manager self-check: Self-check: 200`),
    ...[24.2, 24.21, 24.22].map((at) => `${at} ca validation: Validation by the CA: 200`),
    '24.4 ca challenge-ended: Challenge valid',
    '24.5 ca order-state: Order ready',
    '24.6 cluster solver-gone: Solver Pod gone',
    '24.6 cluster solver-gone: Solver Service gone',
    '24.6 cluster solver-gone: Solver Ingress gone',
    '24.7 ca finalized: Order valid',
    '24.8 cert-manager request-ended: CertificateRequest Issued',
    '24.9 cluster secret-written: Secret written',
    '25 cert-manager certificate-ready: Certificate Ready',
    '27 client action: apply Gateway/httpbin-https',
    '28.03 client served: Certificate served',
    '28.6 client browser: Browser: secure',
    "29.8 client browser: Browser without the CA's root: ERR_CERT_AUTHORITY_INVALID",
  ]);
});

test('events say which record shows them, and how long what has a length took', () => {
  expect(named('account-registered')[0]?.detail).toBe('Issuer istio-system/letsencrypt-prod-issuer is Ready');
  expect(named('challenge-created')[0]?.detail).toBe(
    `Challenge istio-system/istio-ingressgateway-certs-1-3141592653-1000 for ${host}`,
  );
  expect(named('propagation')[0]?.detail).toBe(
    "Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'",
  );
  const solver = 'outbound|8089||cm-acme-http-solver-v7mt0.istio-system.svc.cluster.local';
  expect(named('route-live')[0]).toMatchObject({ detail: solver, durationMs: 0 });
  expect(named('validation')[0]).toMatchObject({
    detail: `GET /.well-known/acme-challenge/token-0-Xp2LbQ0f6mJtVw: 200, ${solver}`,
    durationMs: 1,
  });
  expect(named('browser')[0]).toMatchObject({ detail: `https://${host}/`, durationMs: 1_100 });
});

test('it is as the published format has it', () => {
  expect(
    reportSchema.shape.scenarios.element.shape.timeline.safeParse(timelineOf(readIssuance(evidence))).error,
  ).toBeUndefined();
});

test('a request that led nowhere says why', () => {
  for (const entry of evidence.accessLog.filter(({ status }) => status === 404)) {
    Object.assign(entry, { upstreamCluster: null, responseFlags: 'NR', responseCodeDetails: 'route_not_found' });
  }
  expect(named('self-check')[0]?.detail).toMatch(/: 404, NR route_not_found$/);
});

test('another client than cert-manager and the CA that asks for the challenge path', () => {
  const [check] = evidence.accessLog.filter(({ userAgent }) => userAgent === selfCheckAgent);
  evidence.accessLog.push(logEntry(10, { path: check?.path ?? '', status: 404, userAgent: 'curl/9.3.0' }));
  expect(titles('client-request')).toEqual(['10 Another client: 404']);
});

test('objects that are gone still have their events', () => {
  const gone = evidence.objects.filter(({ states }) => states.at(-1)?.change === 'deleted').map(({ kind }) => kind);
  expect(gone).toEqual(['Challenge', 'Pod', 'Service', 'Ingress']);
  for (const history of evidence.objects) {
    if (history.states.at(-1)?.change === 'deleted') continue;
    const last = structuredClone(history.states.at(-1));
    if (last !== undefined) history.states.push({ ...last, at: after(29.9), change: 'deleted' });
  }
  const before = names();
  expect(before).toContain('order-created');
  expect(before).toContain('certificate-ready');
  expect(titles('challenge-ended')).toEqual(['24.4 Challenge valid']);
  expect(titles('finalized')).toEqual(['24.7 Order valid']);
});

describe('with solvers behind HTTPRoutes', () => {
  beforeEach(async () => {
    evidence = withAllMoments(await goodEvidence({ solver: 'gateway-httproute' }));
  });

  test('the route is an HTTPRoute, which is given no address', () => {
    expect(titles('solver-created')).toEqual([
      '5.2 Solver Pod created',
      '5.2 Solver Service created',
      '5.3 Solver HTTPRoute created',
    ]);
    expect(titles('solver-gone')).toContain('24.6 Solver HTTPRoute gone');
    expect(names()).not.toContain('route-addressed');
    expect(titles('route-live')).toEqual(['16 First 200 from the solver']);
  });
});

describe('by DNS-01', () => {
  const dnsNames = ['record-presented', 'dns-lookup', 'record-removed'];
  const waits = `Waiting for DNS-01 challenge propagation: DNS record for "${host}" not yet propagated`;
  /** Pebble's words when its validation authority takes up a Challenge. */
  const lookup = (name: string) =>
    `Pulled a task from the Tasks queue: &va.vaTask{Identifier:{Type:"dns", Value:"${name}"}}`;
  const steps = () =>
    timelineOf(readIssuance(evidence))
      .events.filter(({ name }) => [...dnsNames, 'propagation', 'challenge-ended'].includes(name))
      .map(({ at, lane, name, title }) => `${seconds(at)} ${lane} ${name}: ${title}`);

  beforeEach(async () => {
    evidence = await dns01Evidence();
    for (const kind of ['Pod', 'Service', 'Ingress']) forget(evidence, kind);
    evidence.accessLog = [];
    // The Challenge of the wildcard alone.
    evidence.objects.splice(evidence.objects.indexOf(recorded(evidence, 'Challenge', 0)), 1);
    for (const { object } of recorded(evidence, 'Challenge').states) {
      const status = object.status as { reason?: string } | undefined;
      if (status?.reason !== undefined) status.reason = waits;
    }
    evidence.ca.log = [
      { at: after(23), line: lookup(`other.${host}`) },
      { at: after(24), line: lookup(host) },
      { at: after(24.1), line: lookup(host) },
    ];
  });

  test('the record is set, checked by cert-manager, looked up by the CA and removed, in this order', () => {
    expect(steps()).toEqual([
      '5.5 cert-manager record-presented: TXT record set',
      '6.1 cert-manager propagation: Challenge waits',
      '24 ca dns-lookup: TXT record looked up by the CA',
      '24.4 ca challenge-ended: Challenge valid',
      '24.9 cert-manager record-removed: TXT record removed',
    ]);
    expect(named('propagation')[0]?.detail).toBe(waits);
    const { namespace, name } = recorded(evidence, 'Challenge');
    for (const event of dnsNames) expect(named(event)[0]?.detail, event).toBe(`Challenge ${namespace}/${name}`);
  });

  test('nothing goes through the gateway', () => {
    for (const name of ['solver-created', 'route-live', 'self-check', 'validation'])
      expect(names()).not.toContain(name);
  });

  test('presentedAt of the Challenge says when the record was set', () => {
    put(recorded(evidence, 'Challenge'), ['status', 'presentedAt'], after(5.2));
    expect(titles('record-presented')).toEqual(['5.2 TXT record set']);
  });

  test('a step that no record shows is absent', () => {
    evidence.ca.log = [{ at: after(23), line: lookup(`other.${host}`) }];
    expect(names()).not.toContain('dns-lookup');
    const challenge = recorded(evidence, 'Challenge');
    challenge.states = challenge.states.filter(({ change }) => change !== 'deleted');
    expect(names()).not.toContain('record-removed');
    expect(names()).toContain('record-presented');
  });

  test('evidence before version 3 has the events that its report had', () => {
    evidence = { ...evidence, schemaVersion: 2 };
    for (const name of dnsNames) expect(names(), name).not.toContain(name);
  });

  test('an issuance by HTTP-01 has none of these events', async () => {
    evidence = withAllMoments(await goodEvidence());
    evidence.ca.log.push({ at: after(24), line: lookup(host) });
    for (const name of dnsNames) expect(names(), name).not.toContain(name);
  });
});

describe('with several hosts', () => {
  beforeEach(async () => {
    evidence = withAllMoments(await goodEvidence({ hosts: [host, secondHost] }));
  });

  test('each Challenge has its own events, also its requests, which go to its own host', () => {
    expect(named('challenge-created').map(({ detail }) => detail?.split(' for ')[1])).toEqual([host, secondHost]);
    expect(named('route-live').map(({ detail }) => detail)).toEqual([
      expect.stringContaining('cm-acme-http-solver-v7mt0.'),
      expect.stringContaining('cm-acme-http-solver-v7mt1.'),
    ]);
    expect(named('self-check')).toHaveLength(12);
    expect(named('validation')).toHaveLength(6);
    expect(named('solver-created')).toHaveLength(6);
  });

  test('a request for the token of one at the host of the other is not its own', () => {
    for (const entry of evidence.accessLog) if (entry.authority === secondHost) entry.authority = host;
    expect(named('route-live')).toHaveLength(1);
  });

  test('the Order and the Certificate are told once', () => {
    for (const name of ['order-created', 'finalized', 'secret-written', 'certificate-ready', 'served']) {
      expect(named(name), name).toHaveLength(1);
    }
  });
});

describe('moments that the evidence does not show', () => {
  test.each([
    ['Secret', ['secret-written', 'served']],
    ['Issuer', ['account-registered']],
    ['Certificate', ['certificate-ready']],
    [
      'Challenge',
      ['challenge-created', 'presented', 'propagation', 'self-check', 'validation', 'solver-created', 'route-live'],
    ],
    ['Pod', ['solver-ready']],
    ['Service', ['route-live']],
    ['Ingress', ['route-addressed']],
    [
      'CertificateRequest',
      ['request-created', 'request-ended', 'order-created', 'challenge-created', 'secret-written'],
    ],
  ])('without a %s there is no %j', (kind, missing) => {
    for (const name of missing) expect(names(), name).toContain(name);
    forget(evidence, kind);
    for (const name of missing) expect(names(), name).not.toContain(name);
  });

  test('an Issuer and a Certificate that no action applied are applied when the watch saw them appear', () => {
    evidence.actions = [];
    expect(titles('issuer-applied')).toEqual(['2.1 Issuer applied']);
    expect(titles('certificate-applied')).toEqual(['4.1 Certificate applied']);
  });

  test('an Issuer that was there and Ready before the recorder was neither applied nor registered, also if it changes', () => {
    evidence.actions = [];
    const issuer = recorded(evidence, 'Issuer');
    existedBefore(issuer, 2);
    const [first] = issuer.states;
    issuer.states.push({
      at: after(3),
      change: 'modified',
      object: { ...structuredClone(first?.object), touched: true },
    });
    expect(names()).not.toContain('issuer-applied');
    expect(names()).not.toContain('account-registered');
  });

  test('an Issuer that was there before and becomes Ready was registered then', () => {
    evidence.actions = [];
    existedBefore(recorded(evidence, 'Issuer'), 1);
    expect(names()).not.toContain('issuer-applied');
    expect(titles('account-registered')).toEqual(['2.6 Account registered']);
  });

  test('what a Challenge said before the recorder began has no moment', () => {
    existedBefore(recorded(evidence, 'Challenge'), 3);
    for (const name of ['challenge-created', 'presented', 'propagation']) expect(names(), name).not.toContain(name);
    expect(titles('challenge-ended')).toEqual(['24.4 Challenge valid']);
  });

  test('a handshake that got another certificate than that of the Secret is not its serving', () => {
    for (const name of ['tls-trusted', 'tls-foreign-root']) {
      const { outcome } = recordedTlsProbe(evidence, name);
      if ('chain' in outcome) outcome.chain.shift();
    }
    expect(names()).not.toContain('served');
  });

  test('of evidence of nothing there is an empty timeline', () => {
    Object.assign(evidence, { actions: [], objects: [], accessLog: [], probes: [] });
    expect(timelineOf(readIssuance(evidence))).toMatchObject({ events: [], gaps: [] });
  });
});

describe('the browser', () => {
  test('is not reported if no browser could be started', () => {
    recordedBrowserProbe(evidence, 'browser-trusted').outcome = { unavailable: 'No Chromium was found.' };
    expect(titles('browser')).toEqual(["29.8 Browser without the CA's root: ERR_CERT_AUTHORITY_INVALID"]);
  });

  test('that refuses the page although it trusts the root', () => {
    const outcome = { error: `net::ERR_CERT_DATE_INVALID at https://${host}/`, code: 'ERR_CERT_DATE_INVALID' };
    recordedBrowserProbe(evidence, 'browser-trusted').outcome = outcome;
    expect(titles('browser')[0]).toBe('28.6 Browser: ERR_CERT_DATE_INVALID');
    recordedBrowserProbe(evidence, 'browser-trusted').outcome = { error: 'no page within 10 s', code: null };
    expect(titles('browser')[0]).toBe('28.6 Browser: no page within 10 s');
  });

  test("that shows the page without the CA's root", () => {
    recordedBrowserProbe(evidence, 'browser-control').outcome = recordedBrowserProbe(
      evidence,
      'browser-trusted',
    ).outcome;
    expect(titles('browser')[1]).toBe("29.8 Browser without the CA's root: secure");
  });
});

describe('an issuance that fails', () => {
  test('a refused Issuer says what the CA said, once as long as it says the same', () => {
    const issuer = recorded(evidence, 'Issuer');
    const refusal = (message: string) => ({
      conditions: [{ type: 'Ready', status: 'False', reason: 'ErrRegisterACMEAccount', message }],
    });
    issuer.states.splice(1);
    addState(issuer, 2.5, refusal('x509: certificate signed by unknown authority'));
    addState(issuer, 2.7, { ...refusal('x509: certificate signed by unknown authority'), acme: {} });
    addState(issuer, 2.9, refusal('connection refused'));
    expect(named('account-refused').map(({ at, lane, detail }) => [seconds(at), lane, detail])).toEqual([
      [
        2.5,
        'ca',
        'Issuer istio-system/letsencrypt-prod-issuer: ErrRegisterACMEAccount: x509: certificate signed by unknown authority',
      ],
      [2.9, 'ca', 'Issuer istio-system/letsencrypt-prod-issuer: ErrRegisterACMEAccount: connection refused'],
    ]);
    expect(names()).not.toContain('account-registered');
  });

  test('a Challenge that ends invalid, and what comes of it', () => {
    const fail = (kind: string, status: Record<string, unknown>) => {
      const history = recorded(evidence, kind);
      history.states = history.states.filter(({ at }) => at < after(24));
      addState(history, 24.4, status);
    };
    fail('Challenge', { state: 'invalid', reason: 'Error accepting authorization: 403' });
    fail('Order', { state: 'invalid', reason: 'Failed to finalize Order' });
    fail('CertificateRequest', { conditions: [{ type: 'Ready', status: 'False', reason: 'Failed' }] });
    fail('Certificate', { conditions: [{ type: 'Ready', status: 'False', reason: 'DoesNotExist' }] });
    forget(evidence, 'Secret');
    expect(titles('challenge-ended')).toEqual(['24.4 Challenge invalid']);
    expect(named('challenge-ended')[0]?.lane).toBe('ca');
    expect(titles('order-state')).toEqual(['24.4 Order invalid']);
    expect(titles('request-ended')).toEqual(['24.4 CertificateRequest Failed']);
    for (const name of ['finalized', 'secret-written', 'certificate-ready', 'served']) {
      expect(names(), name).not.toContain(name);
    }
    expect(gaps().map(([at]) => at)).toEqual([6.001, 16.001]);
  });
});

describe('what the scenario did', () => {
  test('is shown, except what other events show', async () => {
    evidence = await missingIngressClassEvidence();
    evidence.actions.push(
      { at: after(26), name: 'ready', detail: 'Certificate/istio-ingressgateway-certs' },
      { at: after(26), name: 'solver-gone', detail: '' },
      { at: after(29), name: 'wait', detail: '' },
    );
    expect(titles('action')).toEqual([
      '1 probe challenge-path-before',
      '12 create ingress class IngressClass/istio',
      '27 apply Gateway/httpbin-https',
      '29 wait',
    ]);
  });
});

describe('gaps', () => {
  const passes = '5 passes of the self-check: cert-manager wants five in a row, 2 s apart';
  const backOff = (what: string) => `a self-check ${what}; cert-manager repeats a failed one after 10.0 s`;
  const retryAfter =
    'the CA had its answer; cert-manager asks for the authorization again after the Retry-After it was told';

  test('a failed self-check and the passes', () => {
    expect(gaps()).toEqual([
      [6.001, 9_999, backOff('got 404')],
      [16.001, 7_999, passes],
    ]);
  });

  test('the Retry-After of a CA that had its answer long before', () => {
    const later = recorded(evidence, 'Challenge').states.find(({ at }) => at === after(24.4));
    if (later !== undefined) later.at = after(24.8);
    expect(gaps().slice(2)).toEqual([[24.221, 579, retryAfter]]);
  });

  test('each failed self-check has its own', () => {
    const [failed] = evidence.accessLog.filter(({ userAgent }) => userAgent === selfCheckAgent);
    if (failed !== undefined) evidence.accessLog.push({ ...failed, at: after(11), status: 503 });
    expect(gaps().slice(0, 2)).toEqual([
      [6.001, 4_999, backOff('got 404')],
      [11.001, 4_999, backOff('got 503')],
    ]);
  });

  test('a self-check that failed before any reached the gateway', () => {
    evidence.accessLog = evidence.accessLog.filter(
      ({ status, userAgent }) => status !== 404 || userAgent !== selfCheckAgent,
    );
    const reason = 'failed to perform self check GET request: connect: connection refused';
    const [, , waits] = recorded(evidence, 'Challenge').states;
    Object.assign(waits?.object.status ?? {}, { reason: `Waiting for HTTP-01 challenge propagation: ${reason}` });
    expect(gaps()).toEqual([
      [6.1, 9_900, backOff(`failed (${reason})`)],
      [16.001, 7_999, passes],
    ]);
  });

  test('none if no self-check came through the gateway, or if the only one passed', () => {
    const all = evidence.accessLog;
    evidence.accessLog = all.filter(({ userAgent }) => userAgent !== selfCheckAgent);
    expect(gaps()).toEqual([]);
    evidence.accessLog = all.filter(({ at, userAgent }) => userAgent !== selfCheckAgent || at === after(24));
    put(recorded(evidence, 'Challenge'), ['status', 'reason'], undefined);
    expect(gaps()).toEqual([]);
  });

  test('of several hosts in the order of time', async () => {
    evidence = await goodEvidence({ hosts: [host, secondHost] });
    expect(gaps().map(([at]) => at)).toEqual([6.001, 6.001, 16.001, 16.001]);
  });

  test('the CA that got another answer than that of the solver does not wait', () => {
    const later = recorded(evidence, 'Challenge').states.find(({ at }) => at === after(24.4));
    if (later !== undefined) later.at = after(24.8);
    for (const entry of evidence.accessLog) if (entry.userAgent === caAgent) entry.status = 503;
    expect(gaps()).toHaveLength(2);
  });
});
