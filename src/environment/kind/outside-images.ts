import { publishedImage } from '../ca/published-image.ts';
import { toxiproxyImage } from '../directory-proxy.ts';
import { kindCaServer } from './kind-ca-server.ts';

/** The published images of the containers that run beside the node. */
export const outsideImages = {
  nameServer: 'docker.io/internetsystemsconsortium/bind9:9.20',
  ca: publishedImage(kindCaServer),
  directoryProxy: toxiproxyImage,
} as const;
