import { pebbleImage } from '../ca/pebble.ts';
import { toxiproxyImage } from '../directory-proxy.ts';

/** The images of what runs beside the node, as their projects publish them. */
export const outsideImages = {
  nameServer: 'docker.io/internetsystemsconsortium/bind9:9.20',
  ca: pebbleImage,
  directoryProxy: toxiproxyImage,
} as const;
