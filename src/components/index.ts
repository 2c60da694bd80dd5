export { type BuildEvent, buildComponents } from './build.ts';
export { withBuildLock } from './build-lock.ts';
export { type CacheEntry, cacheContents } from './cache-contents.ts';
export { cacheFolder } from './cache-folder.ts';
export {
  acmezVersion,
  catalogue,
  certbotVersion,
  certManagerVersion,
  componentOfVersion,
  legoVersion,
  pinnedComponent,
  toxiproxyVersion,
  versionsOf,
} from './catalogue.ts';
export type { Component } from './component.ts';
export { type BinaryPath, type ComponentDescription, Components, type Image } from './components.ts';
export { debianPackages } from './debian-packages.ts';
export { ensureGo } from './go-toolchain.ts';
export { type ImageIndex, saveImages } from './image-folder.ts';
export { type ListedImage, listImages } from './image-list.ts';
export { type ArchivedImage, readOciArchive } from './oci-archive.ts';
export { type OutputRecord, sha256OfFile, writeOutputRecord } from './output-record.ts';
export { pruneCache } from './prune-cache.ts';
export { foundOutputs, type Selection, type Slot, slotsOf, unfilledSlots } from './selection.ts';
export { type UpstreamModule, upstreamModule } from './upstream-module.ts';
