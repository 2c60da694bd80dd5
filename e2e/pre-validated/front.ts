/**
 * Serves the front of a CA that validates beforehand until its end: `node front.ts HOST PORT ROOT FOLDER`. The CA behind is a Pebble
 * at the next port, with its management at the one after that; ROOT is the root of its own TLS certificate. The certificate of the
 * front and the roots of the CA are written into the folder.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HttpsTransport } from '../../src/acme/client/transport.ts';
import { startDeviantServer } from '../../src/acme/deviations/deviant-server.ts';
import { pebble } from '../../src/ca-servers/pebble/pebble.ts';
import { validatesBeforehand } from './validates-beforehand.ts';

const [host = '', portText = '', rootFile = '', folder = ''] = process.argv.slice(2);
const port = Number(portText);
const trustedRoots = await readFile(rootFile, 'utf8');
await using transport = new HttpsTransport({ trustedRoots });
const roots = await Promise.all(
  (pebble.rootPaths ?? []).map((path) =>
    transport.send({ method: 'GET', url: `https://${host}:${port + 2}${path}`, headers: {} }),
  ),
);
await writeFile(join(folder, 'roots.pem'), roots.map(({ body }) => body).join('\n'));
const upstream = `https://${host}:${port + 1}${pebble.directoryPath}`;
const deviation = validatesBeforehand({ directoryUrl: upstream, trustedRoots });
const onProblem = (problem: string) => void process.stderr.write(`${problem}\n`);
const server = await startDeviantServer({ deviation, upstream, trustedRoots, host, port, onProblem });
await writeFile(join(folder, 'front.pem'), server.certificate);
console.log(server.directoryUrl);
