import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { expect, test, vi } from 'vitest';
import { acmeIdentifierCertificate } from '../../client/tls-alpn-certificate.ts';
import { TlsAlpnResponder } from '../../responders/tls-alpn-responder.ts';
import { judgeData, judgeEnds } from './32-tls-alpn-01.ts';

/** The checks tls-alpn-01-without-data and tls-alpn-01-closes: only the responder sees how a CA treats its connection. */

const host = 'a.example';

/** Makes a handshake as a CA does, and lets it do something with the connection. */
async function validate(does: (socket: TLSSocket) => void) {
  await using responder = await TlsAlpnResponder.start({ address: '127.0.0.1', port: 0, http: null });
  using _ = responder.put(host, await acmeIdentifierCertificate(host, 'token.thumbprint'));
  const options = { host: '127.0.0.1', port: responder.port, servername: host, rejectUnauthorized: false };
  const socket = connect({ ...options, ALPNProtocols: ['acme-tls/1'] });
  await once(socket, 'secureConnect');
  does(socket);
  const expectSeen = (received: number, isClosed: boolean) =>
    vi.waitFor(() => expect(responder.connections(host)).toMatchObject([{ received, isClosed, from: '127.0.0.1' }]));
  await expectSeen(socket.bytesWritten > 0 ? 5 : 0, socket.destroyed || socket.writableEnded);
  const seen = responder.connections(host).map((one) => ({ ...one }));
  socket.destroy();
  return [judgeData(seen), judgeEnds(seen)].map(({ verdict }) => verdict);
}

test('a CA that closes the connection at once passes tls-alpn-01-without-data and tls-alpn-01-closes', async () => {
  expect(await validate((socket) => socket.end())).toEqual(['passed', 'passed']);
});

test('a CA that sends data fails tls-alpn-01-without-data', async () => {
  expect(await validate((socket) => socket.end('hello'))).toEqual(['failed', 'passed']);
});

test('a CA that leaves the connection open fails tls-alpn-01-closes', async () => {
  expect(await validate(() => {})).toEqual(['passed', 'failed']);
});
