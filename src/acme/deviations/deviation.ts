import type { Forward, HttpAnswer, HttpRequest } from '../client/transport.ts';
import type { Conversation } from './conversation.ts';

/** One wrong behaviour of a CA. */
export interface Deviation {
  /** In kebab-case, unique. */
  readonly name: string;
  /** One sentence that says what the server does wrong. */
  readonly describes: string;
  readonly rfc: number;
  /** The section that it violates, e.g. `6.5.1`. */
  readonly section: string;
  /** The ids of exactly the checks that it turns red. */
  readonly breaks: readonly string[];
  /** Only a CA that requires external accounts can show it. */
  readonly needsExternalAccount?: true;
  /**
   * Answers a request: forwards it to the CA behind, or answers what that CA refuses from what the conversation knows.
   * Requests are concurrent, so what it remembers must not depend on their order.
   */
  readonly apply: (request: HttpRequest, forward: Forward, conversation: Conversation) => Promise<HttpAnswer>;
}
