import { expect, test } from 'vitest';
import { pinnedComponent } from '../../src/components/catalogue.ts';
import { cycloneDxOf, linkedModules } from './cyclonedx.ts';

const said = [
  '/cache/components/pebble/key/pebble: go1.26.8',
  '\tpath\tgithub.com/letsencrypt/pebble/v2/cmd/pebble',
  '\tmod\tpadlock.test/pebble\t(devel)\t',
  '\tdep\tgithub.com/letsencrypt/pebble/v2\tv2.10.1',
  '\t=>\t/tmp/module-0\t(devel)\t',
  '\tdep\tgolang.org/x/net\tv0.51.0\th1:aaa=',
  '\tdep\tk8s.io/api\tv0.0.0',
  '\t=>\tk8s.io/api\tv0.37.2+incompatible\th1:bbb=',
  '\tbuild\t-compiler=gc',
].join('\n');

test('lists the modules that are linked, as what replaces them', () => {
  expect(linkedModules(said)).toEqual([
    { path: 'github.com/letsencrypt/pebble/v2', version: 'v2.10.1' },
    { path: 'golang.org/x/net', version: 'v0.51.0' },
    { path: 'k8s.io/api', version: 'v0.37.2+incompatible' },
  ]);
});

test('describes components, their programs with digests, and each module once', () => {
  const programs = [
    { name: 'pebble', buildInformation: said, digest: 'ab' },
    { name: 'again', buildInformation: said, digest: 'cd' },
  ];
  const part = { slot: { component: pinnedComponent('pebble') }, programs };
  const sbom = cycloneDxOf({ name: 'padlock', version: '1.0.0' }, [part]);
  expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
  const references = sbom.components.map((component) => component['bom-ref']);
  expect(references).toEqual([
    'component:pebble',
    'pkg:golang/github.com/letsencrypt/pebble/v2@v2.10.1',
    'pkg:golang/golang.org/x/net@v0.51.0',
    'pkg:golang/k8s.io/api@v0.37.2%2Bincompatible',
  ]);
  expect(sbom.components[0]).toMatchObject({
    name: 'pebble',
    description: expect.stringContaining('four fixes'),
    components: [{ name: 'pebble', hashes: [{ alg: 'SHA-256', content: 'ab' }] }, { name: 'again' }],
  });
  expect(sbom.dependencies).toEqual([{ ref: 'component:pebble', dependsOn: references.slice(1) }]);
});
