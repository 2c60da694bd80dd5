/**
 * One POST to the management endpoint of a Pebble outside: what to ask comes as JSON on stdin. It prints the status of the answer
 * with its body if it is not 200, or what went wrong.
 */
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const askedSchema = z.strictObject({
  address: z.string(),
  port: z.int(),
  /** By which its TLS certificate is verified. */
  host: z.string(),
  ca: z.string(),
  path: z.string(),
  body: z.string(),
});

const { address, host, body, ...rest } = askedSchema.parse(JSON.parse(await text(process.stdin)));
// A CA refuses a request that does not say whose it is (RFC 8555 section 6.1).
const headers = { 'user-agent': 'padlock', 'content-length': Buffer.byteLength(body) };
const options = { ...rest, host: address, servername: host, method: 'POST', headers };
const call = request(options, (response) => {
  const status = String(response.statusCode);
  void text(response).then((answer) => process.stdout.write(status === '200' ? status : `${status} ${answer}`));
});
call.on('error', (error) => process.stdout.write(error.message));
call.end(body);
