import { deviations } from '../catalogue/catalogue.ts';
import type { Transport } from '../client/transport.ts';
import { DeviantTransport } from './deviant-transport.ts';

/** For tests: a CA with one deviation. @throws for an unknown name */
export function withDeviation(name: string, transport: Transport, directoryUrl: string): Transport {
  const deviation = deviations.find((one) => one.name === name);
  if (!deviation) throw new Error(`unknown deviation ${name}`);
  return new DeviantTransport({ deviation, transport, directoryUrl });
}
