import { expect, test } from 'vitest';
import { Components, type Image } from '../components/components.ts';
import { imageOf, imageTag } from './component-image.ts';

const image = (name: string): Image => ({ name, archive: `/cache/${name}.tar`, digest: 'sha256:aa', key: 'k' });
const images = [image('quay.io/jetstack/cert-manager-controller:v1.2.3'), image('docker.io/istio/pilot:1.31-dev.abc')];
const components = new Components('/cache', new Map(), images);

test('finds an image by its whole repository', () => {
  expect(imageOf(components, 'docker.io/istio/pilot')).toBe(images[1]);
  expect(imageTag(components, 'quay.io/jetstack/cert-manager-controller')).toBe('v1.2.3');
  expect(() => imageOf(components, 'docker.io/istio')).toThrow('there is no image docker.io/istio');
  expect(() => imageTag(components, 'quay.io/jetstack/cert-manager')).toThrow('there is no image');
});
