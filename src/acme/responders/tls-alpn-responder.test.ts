import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { acmeIdentifierCertificate } from '../client/tls-alpn-certificate.ts';
import { reverseName } from './reverse-name.ts';
import { TlsAlpnResponder } from './tls-alpn-responder.ts';

let responder: TlsAlpnResponder;

beforeEach(async () => {
  responder = await TlsAlpnResponder.start({ address: '127.0.0.1', port: 0, http: null });
});

afterEach(() => responder[Symbol.asyncDispose]());

async function hello(servername: string, ...protocols: readonly string[]) {
  const options = { host: '127.0.0.1', port: responder.port, servername, rejectUnauthorized: false };
  const socket = connect({ ...options, ALPNProtocols: [...protocols] });
  await once(socket, 'secureConnect');
  const { alpnProtocol } = socket;
  const { subjectaltname } = socket.getPeerCertificate();
  socket.destroy();
  return { alpnProtocol, subjectaltname };
}

test('it presents the certificate of the server name, and agrees on acme-tls/1', async () => {
  using _ = responder.put('a.example', await acmeIdentifierCertificate('a.example', 'token.thumbprint'));
  expect(await hello('a.example', 'acme-tls/1')).toEqual({
    alpnProtocol: 'acme-tls/1',
    subjectaltname: 'DNS:a.example',
  });
  expect(responder.hellos('A.example')).toMatchObject([{ serverName: 'a.example', protocols: ['acme-tls/1'] }]);
});

test('for an IP address, the server name is its reverse mapping', async () => {
  using _ = responder.put('127.0.0.1', await acmeIdentifierCertificate('127.0.0.1', 'token.thumbprint'));
  expect(await hello('1.0.0.127.in-addr.arpa', 'acme-tls/1')).toMatchObject({
    subjectaltname: 'IP Address:127.0.0.1',
  });
  expect(responder.hellos('127.0.0.1')).toHaveLength(1);
  expect(reverseName('2001:db8::7')).toBe('7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa');
});

test('an unknown name and an unsupported protocol fail the handshake', async () => {
  await expect(hello('b.example', 'acme-tls/1')).rejects.toThrow();
  using _ = responder.put('a.example', {
    ...(await acmeIdentifierCertificate('a.example', 'x.y')),
    protocols: ['http/1.1'],
  });
  await expect(hello('a.example', 'acme-tls/1')).rejects.toThrow();
  expect((await hello('a.example', 'http/1.1')).alpnProtocol).toBe('http/1.1');
});
