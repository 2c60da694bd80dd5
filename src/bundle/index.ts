export type { BundleFile } from './bundle-folder.ts';
export { type BundleContents, type BundleOptions, collectBundle } from './collect-bundle.ts';
