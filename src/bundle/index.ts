export type { BundleFile } from './bundle-folder.ts';
export type { BundledKind } from './bundle-index.ts';
export { type BundleContents, type BundleOptions, collectBundle } from './collect-bundle.ts';
export { SavedBundle } from './read-bundle.ts';
