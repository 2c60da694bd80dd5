import type { Obtained } from './acme-client.ts';

/** One certificate that is ordered from a CA with a deviation. */
export interface LaneRequest {
  readonly directoryUrl: string;
  /** The certificate of the directory, which is to be trusted, PEM. */
  readonly certificate: string;
  readonly name: string;
  readonly deviation: string;
  /** Which order for this deviation it is, from 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** How an order ended. */
export interface LaneEnd {
  /** Null if it was still going on at the time limit. */
  readonly status: number | null;
  /** The signal that ended the client, such as SIGSEGV; null if it ended by itself or was still running. */
  readonly signal: string | null;
  readonly message: string;
  readonly obtained: Obtained | null;
}

/** The CA behind a deviation. */
export interface Upstream extends AsyncDisposable {
  readonly directoryUrl: string;
  readonly trustedRootsPem: string;
}

/** Where one client orders one certificate at a time. */
export interface ClientLane {
  /** Opens the CA for one order. */
  openUpstream(): Promise<Upstream>;
  /** The address of this machine at which the client reaches a deviation. */
  readonly listenAddress: string;
  order(request: LaneRequest): Promise<LaneEnd>;
}

/** A client that is ready to order. */
export interface ReadyClient extends AsyncDisposable {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  /** The domain below which it can order. */
  readonly domain: string;
  readonly lanes: readonly ClientLane[];
}
