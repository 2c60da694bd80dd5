/**
 * The browsing client outside the cluster: reads requests on stdin, one JSON object a line, opens each page in a browser of
 * its own, side by side, and answers on stdout, see browser-protocol.ts. When stdin ends it closes its browsers and ends, so
 * neither outlives whoever started it; where it is killed, the browsers end with the pipe that they are driven by, and their
 * folders are left to the owner of the scratch folder. A line that is not a valid request ends it with status 1 and a sentence on stderr.
 */
import { createInterface } from 'node:readline';
import { type BrowserRequest, browserRequestSchema } from './browser-protocol.ts';
import { visitPage } from './browser-visit.ts';

/** How long browsers may take to close, before they are killed. */
const closeWithinMs = 3_000;

const ending = new AbortController();
const visits = new Set<Promise<void>>();

const requests = createInterface({ input: process.stdin });
requests.on('close', () => end(0));
process.stdout.on('error', () => end(0));
requests.on('line', (line) => {
  const request = parse(line);
  if (request === null) return;
  const visit = answer(request).finally(() => visits.delete(visit));
  visits.add(visit);
});

async function answer(request: BrowserRequest): Promise<void> {
  const { id } = request;
  const reply = await visitPage(request, ending.signal).then(
    ({ probe, screenshot }) => ({ id, probe, screenshot: screenshot?.toString('base64') ?? null }),
    (error: Error) => ({ id, refused: error.message }),
  );
  if (!ending.signal.aborted) process.stdout.write(`${JSON.stringify(reply)}\n`);
}

async function end(status: number): Promise<void> {
  if (ending.signal.aborted) return;
  ending.abort(new Error('the agent was told to end'));
  // Playwright kills what still runs when this process exits.
  setTimeout(() => process.exit(status), closeWithinMs).unref();
  await Promise.allSettled(visits);
  process.exit(status);
}

function parse(line: string): BrowserRequest | null {
  try {
    return browserRequestSchema.parse(JSON.parse(line));
  } catch (error) {
    process.stderr.write(`The browser agent received an invalid request: ${String(error).replace(/\s+/g, ' ')}\n`);
    end(1);
    return null;
  }
}
