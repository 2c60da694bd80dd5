/** The links of the chain from the Issuer to the served certificate, in the order of cause. */
export const linkIds = [
  'issuer',
  'certificate',
  'request',
  'approval',
  'order',
  'challenge',
  'solver',
  'route',
  'gateway',
  'name',
  'self-check',
  'ca-request',
  'finalize',
  'secret',
  'reference',
  'permission',
  'served',
] as const;
export type LinkId = (typeof linkIds)[number];
