export { type BuildEvent, buildComponents } from './build.ts';
export { cacheFolder } from './cache-folder.ts';
export { catalogue, certManagerVersion, pinnedComponent, toxiproxyVersion } from './catalogue.ts';
export { type BinaryPath, type ComponentDescription, Components, type Image } from './components.ts';
export { debianPackages } from './debian-packages.ts';
export { type ImageIndex, saveImages } from './image-folder.ts';
export { type ListedImage, listImages } from './image-list.ts';
export { type ArchivedImage, readOciArchive } from './oci-archive.ts';
export { type UpstreamModule, upstreamModule } from './upstream-module.ts';
