import type { Components } from '../components/index.ts';

/** One certificate that a client orders over http-01. */
export interface ClientRequest {
  readonly directoryUrl: string;
  /** A file with the roots of the directory's own TLS, PEM. */
  readonly roots: string;
  readonly name: string;
  /** The port on 127.0.0.1 on which the client answers the challenge. */
  readonly httpPort: number;
  /** An empty folder for what the client keeps. It is removed afterwards. */
  readonly folder: string;
}

/** How a client is called. */
export interface ClientCall {
  readonly command: readonly [string, ...string[]];
  readonly environment: NodeJS.ProcessEnv;
}

/** What a client got, PEM. */
export interface Obtained {
  readonly chain: string;
  /** The public key that the certificate must have. */
  readonly publicKey: string;
}

/** An ACME client that people use, as a program. */
export interface AcmeClient {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  /** The component that brings it. */
  readonly component: string;
  call(request: ClientRequest, components: Components): ClientCall;
  /** Called after the client ended with status 0. @throws if it left nothing */
  obtained(request: ClientRequest, stdout: string): Promise<Obtained>;
  /** The client's own words for its failure, without what it says every time. */
  message(stderr: string): string;
}
