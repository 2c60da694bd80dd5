import { expect, test } from 'vitest';
import { meshAccessLog, missingFields } from './mesh-access-log.ts';

const gateway = {
  namespace: 'ingress',
  labels: { istio: 'ingressgateway', app: 'gw' },
  rootNamespace: 'istio-system',
};
const nothing = { mesh: null, telemetries: [], envoyFilters: [] };
const line = 'a.test /x 200';
const format = '%REQ(:AUTHORITY)% %REQ(:PATH)% %RESPONSE_CODE%';

function telemetry(namespace: string, accessLogging: unknown, matchLabels?: Record<string, string>) {
  return {
    metadata: { name: 'logs', namespace },
    spec: { accessLogging, ...(matchLabels === undefined ? {} : { selector: { matchLabels } }) },
  };
}

test('is unknown without the mesh configuration, and off if that switches it off', () => {
  expect(meshAccessLog(nothing, gateway).state).toBe('unknown');
  expect(meshAccessLog({ ...nothing, mesh: 'rootNamespace: istio-system\n' }, gateway)).toMatchObject({
    state: 'off',
    detail: 'meshConfig.accessLogFile is empty',
  });
  expect(meshAccessLog({ ...nothing, mesh: '[broken' }, gateway).state).toBe('unknown');
});

test('reads the text and the JSON format of meshConfig', () => {
  const text = meshAccessLog(
    { ...nothing, mesh: `accessLogFile: /dev/stdout\naccessLogFormat: "${format}\\n"\n` },
    gateway,
  );
  expect(text.state).toBe('stdout');
  expect(text.formats[0]?.read(line)).toEqual({ host: 'a.test', path: '/x', status: '200' });
  const json = meshAccessLog(
    {
      ...nothing,
      mesh: `accessLogFile: /dev/stdout\naccessLogEncoding: JSON\naccessLogFormat: '{"h":"%REQ(:AUTHORITY)%","p":"%REQ(:PATH)%"}'\n`,
    },
    gateway,
  );
  expect(json.formats[0]?.read('{"h":"a.test","p":"/x"}')).toEqual({ host: 'a.test', path: '/x' });
  expect(missingFields(json)).toEqual(['status']);
  expect(missingFields(text)).toEqual([]);
});

test('a file in the Pod and a provider over the network are elsewhere', () => {
  expect(meshAccessLog({ ...nothing, mesh: 'accessLogFile: /var/log/access\n' }, gateway)).toMatchObject({
    state: 'elsewhere',
    detail: expect.stringContaining('/var/log/access'),
  });
  const mesh = `accessLogFile: /dev/stdout
extensionProviders:
- name: otel
  envoyOtelAls: { service: otel.test, port: 4317 }
- name: own
  envoyFileAccessLog: { path: /dev/stdout, logFormat: { text: "${format}" } }
`;
  const with_ = (accessLogging: unknown, namespace = 'istio-system', labels?: Record<string, string>) =>
    meshAccessLog({ ...nothing, mesh, telemetries: [telemetry(namespace, accessLogging, labels)] }, gateway);
  expect(with_([{ providers: [{ name: 'otel' }] }])).toMatchObject({
    state: 'elsewhere',
    detail: 'Telemetry istio-system/logs sends it to the provider otel (envoyOtelAls)',
  });
  expect(with_([{ providers: [{ name: 'own' }] }]).formats[0]?.read(line)).toMatchObject({ status: '200' });
  expect(with_([{ disabled: true }])).toMatchObject({
    state: 'off',
    detail: 'Telemetry istio-system/logs disables it',
  });
  expect(with_([{ disabled: true }], 'elsewhere').state).toBe('stdout');
  expect(with_([{ disabled: true }], 'ingress', { istio: 'other' }).state).toBe('stdout');
  expect(with_([{ disabled: true }], 'ingress', { istio: 'ingressgateway' }).state).toBe('off');
});

test('the most specific Telemetry counts', () => {
  const telemetries = [
    telemetry('istio-system', [{ disabled: true }]),
    telemetry('ingress', [{ providers: [{ name: 'envoy' }] }], { app: 'gw' }),
  ];
  expect(meshAccessLog({ ...nothing, mesh: 'accessLogFile: ""\n', telemetries }, gateway).state).toBe('stdout');
});

test('an EnvoyFilter can add a log', () => {
  const filter = (labels: Record<string, string>) => ({
    metadata: { name: 'log', namespace: 'istio-system' },
    spec: {
      workloadSelector: { labels },
      configPatches: [
        {
          patch: {
            value: {
              typed_config: {
                access_log: [
                  {
                    typed_config: {
                      '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
                      path: '/dev/stdout',
                      log_format: { text_format_source: { inline_string: format } },
                    },
                  },
                ],
              },
            },
          },
        },
      ],
    },
  });
  const found = meshAccessLog({ ...nothing, envoyFilters: [filter({ app: 'gw' })] }, gateway);
  expect(found).toMatchObject({ state: 'stdout', detail: 'EnvoyFilter istio-system/log' });
  expect(found.formats[0]?.read(line)).toMatchObject({ host: 'a.test' });
  expect(meshAccessLog({ ...nothing, envoyFilters: [filter({ app: 'other' })] }, gateway).state).toBe('unknown');
});
