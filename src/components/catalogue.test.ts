import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  catalogue,
  componentOfVersion,
  componentsFolder,
  pinnedComponent,
  pinnedVersion,
  standInFor,
  versionsOf,
} from './catalogue.ts';

test.each(catalogue.map((component) => [component.id, component] as const))(
  '%s is pinned and whole',
  (id, component) => {
    expect(existsSync(join(componentsFolder, id))).toBe(true);
    expect(component.version).toMatch(/^v?\d+\.\d+/);
    expect(component.recipes.length).toBeGreaterThan(0);
  },
);

test('names each component and each output once', () => {
  const ids = catalogue.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const outputs = catalogue.flatMap(({ recipes, variantOf }) =>
    (variantOf === undefined ? recipes : []).flatMap((recipe) => {
      if (recipe.kind === 'go') return Object.values(recipe.programs);
      if (recipe.kind === 'module-files') return Object.values(recipe.files);
      if (recipe.kind === 'wheel') return [recipe.program];
      return [recipe.folder, ...Object.values(recipe.scripts ?? {})];
    }),
  );
  expect(new Set(outputs).size).toBe(outputs.length);
});

test('starts the longest build first', () => {
  const times = catalogue.map(({ expectedSeconds }) => expectedSeconds);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});

test('reads a version from go.mod, and rejects a module that is not in it', () => {
  expect(pinnedVersion('pebble', 'github.com/letsencrypt/pebble/v2')).toMatch(/^v2\./);
  expect(() => pinnedVersion('pebble', 'github.com/letsencrypt/pebble')).toThrow(
    'components/pebble/go.mod pins no version of github.com/letsencrypt/pebble',
  );
});

test('tests the Gateway API with the conformance suite of its own version', () => {
  const definitions = pinnedVersion('gateway-api', 'sigs.k8s.io/gateway-api');
  expect(pinnedVersion('gateway-api-conformance', 'sigs.k8s.io/gateway-api')).toBe(definitions);
  expect(pinnedVersion('gateway-api-conformance', 'sigs.k8s.io/gateway-api/conformance')).toBe(definitions);
});

test('builds what no run needs only when it is named', () => {
  expect(catalogue.filter(({ optional }) => optional).map(({ id }) => id)).toContain('gateway-api-conformance');
});

test('has a kubectl of the version of the cluster', () => {
  expect(pinnedVersion('kubectl', 'k8s.io/kubernetes')).toBe(pinnedVersion('kubernetes', 'k8s.io/kubernetes'));
});

const variants = catalogue.flatMap((one) => (one.variantOf === undefined ? [] : [{ ...one, of: one.variantOf }]));

test.each(variants)(
  '$id has the outputs of $of at another version, and only a run that names it builds it',
  (variant) => {
    const of = pinnedComponent(variant.of);
    expect(variant.optional).toBe(true);
    expect(of.variantOf).toBeUndefined();
    expect(variant.version).not.toBe(of.version);
    const outputs = ({ recipes }: typeof of) =>
      recipes.map((recipe) =>
        recipe.kind === 'go' ? recipe.programs : recipe.kind === 'module-files' ? recipe.files : {},
      );
    expect(outputs(variant)).toEqual(outputs(of));
  },
);

test('finds the component of a version, the pinned one first', () => {
  const [pinned = '', older = ''] = versionsOf('cert-manager');
  expect(pinned).toMatch(/^v1\.21\./);
  expect(older).toMatch(/^v1\.20\./);
  expect(componentOfVersion('cert-manager', older)?.id).toBe('cert-manager-1.20');
  expect(componentOfVersion('cert-manager', 'v1.0.0')).toBeUndefined();
  expect(standInFor('cert-manager', []).version).toBe(pinned);
  expect(standInFor('cert-manager', ['cert-manager-1.20']).version).toBe(older);
});
