import { expect, test } from 'vitest';
import { certManagerVersion, versionsOf } from '../../components/index.ts';
import { chosenVariant } from './chosen-variant.ts';

const older = versionsOf('cert-manager')[1] ?? '';

test('the pinned version needs no variant, with or without a v', () => {
  expect(chosenVariant('cert-manager', undefined)).toBeNull();
  expect(chosenVariant('cert-manager', certManagerVersion)).toBeNull();
  expect(chosenVariant('cert-manager', certManagerVersion.slice(1))).toBeNull();
});

test('another version that Padlock builds', () => {
  expect(chosenVariant('cert-manager', older)).toMatchObject({ variantOf: 'cert-manager', version: older });
});

test.each(['v1.19.0', '1.20', 'latest'])('refuses %s and names what there is', (version) => {
  expect(() => chosenVariant('cert-manager', version)).toThrow(
    expect.objectContaining({
      exitCode: 2,
      message: `--cert-manager ${version}: a cell runs what Padlock builds, which is cert-manager ${certManagerVersion} and ${older}. For another version, use --environment kind.`,
    }),
  );
});
