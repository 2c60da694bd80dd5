/**
 * A lane runs its checks one after the other, because they share what they change. Lanes run side by side.
 */
export interface Lane {
  readonly name: string;
  /** `alone`: each check is a lane of its own, so that its waiting time costs the others nothing. Default: in turn. */
  readonly checks?: 'alone';
  /** The order of the groups where it is not that of their numbers. */
  readonly groups?: readonly number[];
}

/** In the order in which the lanes start, which is the order of the checks in a report. */
export const lanePlan = [
  { name: 'protocol' },
  { name: 'accounts' },
  { name: 'orders' },
  { name: 'challenges' },
  // The one certificate that many checks look at: from finalize to download, then what its resources have in common.
  { name: 'issuance', groups: [38, 36, 39, 2, 3, 5, 25, 40] },
  // All try the same order.
  { name: 'CSRs' },
  { name: 'revocation', groups: [41, 5, 2, 44] },
  { name: 'valid authorizations', groups: [26, 27, 16] },
  { name: 'identifiers' },
  { name: 'certificates of their own', checks: 'alone' },
  { name: 'wildcards', checks: 'alone' },
  // All order the same address.
  { name: 'IP identifiers' },
  { name: 'progress', checks: 'alone' },
  { name: 'http-01', checks: 'alone' },
  { name: 'dns-01', checks: 'alone' },
  { name: 'tls-alpn-01', checks: 'alone' },
  { name: 'CAA', checks: 'alone' },
  { name: 'drafts', checks: 'alone' },
  // Runs when all other lanes have ended: its checks judge everything that the CA has answered.
  { name: 'last', groups: [43, 42] },
] as const satisfies readonly Lane[];

export type LaneName = (typeof lanePlan)[number]['name'];
