/**
 * The probing client outside the cluster: reads requests on stdin, one JSON object a line, runs them side by side, and
 * answers on stdout, see probe-protocol.ts and probe-answer.ts. It ends when stdin ends, so it never outlives whoever started it. A line that
 * is not a valid request ends it with status 1 and a sentence on stderr.
 */
import { createInterface } from 'node:readline';
import type { AgentProbe } from './probe-answer.ts';
import { probeDns } from './probe-dns.ts';
import { probeHttp } from './probe-http.ts';
import { probeOpenConnection } from './probe-open-connection.ts';
import { type AgentRequest, type ProbeRequest, probeRequestSchema } from './probe-protocol.ts';
import { probeTls } from './probe-tls.ts';
import { probeTlsSeries } from './probe-tls-series.ts';

const requests = createInterface({ input: process.stdin });
// Servers may keep connections open, but no answer is awaited any more.
requests.on('close', () => process.exit());
process.stdout.on('error', () => process.exit());
const running = new Map<number, AbortController>();
requests.on('line', async (line) => {
  const request = parse(line);
  if (request.kind === 'end') {
    running.get(request.series)?.abort();
    return;
  }
  const ended = new AbortController();
  running.set(request.id, ended);
  const answer = await probe(request, ended.signal).then(
    (probe) => ({ id: request.id, probe }),
    (error: Error) => ({ id: request.id, refused: error.message }),
  );
  running.delete(request.id);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});

/** @param ended ends a series */
function probe(request: ProbeRequest, ended: AbortSignal): Promise<AgentProbe> {
  switch (request.kind) {
    case 'http':
      return probeHttp(request);
    case 'tls':
      return probeTls(request);
    case 'tls-series':
      return probeTlsSeries(request, ended);
    case 'open-connection':
      return probeOpenConnection(request, ended);
    case 'dns':
      return probeDns(request);
  }
}

function parse(line: string): AgentRequest {
  try {
    return probeRequestSchema.parse(JSON.parse(line));
  } catch (error) {
    process.stderr.write(`The probe agent received an invalid request: ${String(error).replace(/\s+/g, ' ')}\n`);
    process.exit(1);
  }
}
