import { deviations } from '../catalogue/catalogue.ts';
import type { Transport } from '../client/transport.ts';
import { DeviantTransport } from './deviant-transport.ts';

/** For tests: a CA that does the one thing wrong. @throws where there is no deviation of that name */
export function withDeviation(name: string, transport: Transport, directoryUrl: string): Transport {
  const deviation = deviations.find((one) => one.name === name);
  if (!deviation) throw new Error(`there is no deviation ${name}`);
  return new DeviantTransport({ deviation, transport, directoryUrl });
}
