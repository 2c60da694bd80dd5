import type { Forward, HttpAnswer, HttpRequest } from '../client/transport.ts';
import type { Conversation } from './conversation.ts';

/** One thing that a CA does wrong. */
export interface Deviation {
  /** In kebab-case; no other deviation has it. */
  readonly name: string;
  /** One sentence: what the server does wrong. */
  readonly describes: string;
  readonly rfc: number;
  /** Which it departs from, e.g. `6.5.1`. */
  readonly section: string;
  /** The ids of the checks that it turns red, and no others. */
  readonly breaks: readonly string[];
  /** Only a CA that requires external accounts can show it. */
  readonly needsExternalAccount?: true;
  /**
   * Answers a request. What the CA behind refuses and the deviation accepts it answers itself, with what the conversation
   * knows; any other request it forwards. Requests come side by side: what it remembers must not depend on their order.
   */
  readonly apply: (request: HttpRequest, forward: Forward, conversation: Conversation) => Promise<HttpAnswer>;
}
