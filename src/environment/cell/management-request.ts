/**
 * One POST to the management endpoint of a Pebble outside: what to ask comes as JSON on stdin. It prints the status of the answer,
 * or what went wrong.
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
const options = { ...rest, host: address, servername: host, method: 'POST' };
const call = request(options, (response) => {
  process.stdout.write(String(response.statusCode));
  response.resume();
});
call.on('error', (error) => process.stdout.write(error.message));
call.end(body);
