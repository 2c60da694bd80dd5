export { type BuildEvent, buildComponents } from './build.ts';
export { cacheFolder } from './cache-folder.ts';
export { catalogue, certManagerVersion, pebbleVersion } from './catalogue.ts';
export { type BinaryPath, type ComponentDescription, Components, type Image } from './components.ts';
export { debianPackages } from './debian-packages.ts';
