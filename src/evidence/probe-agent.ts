/**
 * The probing client outside the cluster: reads requests on stdin, one JSON object a line, runs them side by side, and
 * answers on stdout with `{id, probe}` a line. It ends when stdin ends. See probe-protocol.ts.
 */
import { createInterface } from 'node:readline';
import { probeHttp } from './probe-http.ts';
import { probeRequestSchema } from './probe-protocol.ts';
import { probeTls } from './probe-tls.ts';

const requests = createInterface({ input: process.stdin });
// Whatever a server keeps open: nobody waits for an answer any more.
requests.on('close', () => process.exit());
requests.on('line', async (line) => {
  const request = probeRequestSchema.parse(JSON.parse(line));
  const probe = request.kind === 'http' ? await probeHttp(request) : await probeTls(request);
  process.stdout.write(`${JSON.stringify({ id: request.id, probe })}\n`);
});
