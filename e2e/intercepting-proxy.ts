import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { createAuthority, issueCertificate } from '../src/environment/certificates.ts';

/** A proxy on loopback as companies have it: it reads what goes through it, under certificates of a root of its own. */
export interface InterceptingProxy extends AsyncDisposable {
  readonly url: string;
  /** The root, PEM. */
  readonly root: string;
  /** The hosts that were asked for. */
  readonly hosts: ReadonlySet<string>;
}

export async function startInterceptingProxy(): Promise<InterceptingProxy> {
  const authority = await createAuthority('Padlock test proxy');
  const hosts = new Set<string>();
  const sockets = new Set<Socket>();
  const inside = createServer((incoming, outgoing) => forward(incoming, outgoing));
  const proxy = createServer();
  proxy.on('connect', (connect: IncomingMessage, socket: Socket) => {
    const [host = ''] = (connect.url ?? '').split(':');
    hosts.add(host);
    sockets.add(socket);
    socket.on('error', () => {});
    void issueCertificate(authority, { commonName: host, dnsNames: [host], usage: 'server' }).then(
      ({ certificate, key }) => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        const secureContext = createSecureContext({ cert: certificate, key });
        const secure = new TLSSocket(socket, { isServer: true, secureContext });
        secure.on('error', () => {});
        inside.emit('connection', secure);
      },
    );
  });
  const listening = Promise.withResolvers<void>();
  proxy.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const { port } = proxy.address() as AddressInfo;
  return {
    ...{ url: `http://127.0.0.1:${port}`, root: authority.certificate, hosts },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}

/** Sends a request on to the host that it names, under the roots that this machine trusts. */
function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, url = '/', headers } = incoming;
  const [host, port = '443'] = (headers.host ?? '').split(':');
  const onward = request({ host, port, method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}
