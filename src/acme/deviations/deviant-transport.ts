import type { HttpAnswer, HttpRequest, Transport } from '../client/transport.ts';
import { answerAsHonest } from './accept-anyway.ts';
import { Conversation } from './conversation.ts';
import type { Deviation } from './deviation.ts';
import { readSigned } from './signed-request.ts';

export interface DeviantTransportOptions {
  readonly deviation: Deviation;
  /** Leads to the CA behind. */
  readonly transport: Transport;
  readonly directoryUrl: string;
}

/** A CA with one deviation: the CA behind, except for what the deviation changes. */
export class DeviantTransport implements Transport {
  readonly #deviation: Deviation;
  readonly #transport: Transport;
  readonly #conversation: Conversation;

  constructor({ deviation, transport, directoryUrl }: DeviantTransportOptions) {
    this.#deviation = deviation;
    this.#transport = transport;
    this.#conversation = new Conversation(directoryUrl, (request) => transport.send(request));
  }

  /** @throws NoAnswerError if the CA behind gives no answer */
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const forward = async (one: HttpRequest) => {
      const answer = await this.#transport.send(one, signal);
      await this.#conversation.learn(one, answer);
      return answer;
    };
    const signed = readSigned(request);
    if (signed !== null && [request.url, signed.header.kid].some((url) => this.#conversation.isInvented(url))) {
      return answerAsHonest(request, signed, this.#conversation);
    }
    return this.#deviation.apply(request, forward, this.#conversation);
  }
}
