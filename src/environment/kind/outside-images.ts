import { publishedImage } from '../ca/published-image.ts';
import { toxiproxyImage } from '../directory-proxy.ts';
import { kindCaServer } from './kind-ca-server.ts';

/** The images of what runs beside the node, as their projects publish them. */
export const outsideImages = {
  nameServer: 'docker.io/internetsystemsconsortium/bind9:9.20',
  ca: publishedImage(kindCaServer),
  directoryProxy: toxiproxyImage,
} as const;
