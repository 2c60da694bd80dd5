export { titleOf } from './archive-source.ts';
export { type ConfiguredArchive, configuredArchive, releaseArchiveName } from './configured-archive.ts';
export { type TakenArchive, takeArchive } from './take-archive.ts';
export { type WrittenArchive, writeArchive } from './write-archive.ts';
