import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { Duplex } from 'node:stream';

/** The web sockets that `@kubernetes/client-node` itself speaks; the package brings no types. */
const { WebSocketServer } = createRequire(import.meta.url)('ws') as {
  readonly WebSocketServer: new (options: {
    readonly noServer: true;
    handleProtocols(offered: ReadonlySet<string>): string | false;
  }) => {
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: (socket: WebSocket) => void): void;
  };
};

interface WebSocket {
  send(data: Buffer): void;
  close(): void;
  on(event: 'close', listener: () => void): void;
}

const channels = { stdout: 1, stderr: 2, status: 3 } as const;

/** A command that runs in a container, from the kubelet's side: the channels of the protocol v4.channel.k8s.io. */
export class ExecFixture {
  /** Path and query of the request. */
  readonly url: URL;
  readonly #socket: WebSocket;
  readonly #closed = Promise.withResolvers<void>();

  constructor(url: URL, socket: WebSocket) {
    this.url = url;
    this.#socket = socket;
    socket.on('close', () => this.#closed.resolve());
  }

  get command(): string[] {
    return this.url.searchParams.getAll('command');
  }

  /** Resolves when either side has closed the connection. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  write(channel: 'stdout' | 'stderr', text: string): void {
    this.#send(channel, text);
  }

  /** Ends the command with a kubelet's status message. */
  end(exitCode: number): void {
    const failure = {
      status: 'Failure',
      message: `command terminated with non-zero exit code: exit status ${exitCode}`,
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
    };
    this.endWith(exitCode === 0 ? { status: 'Success' } : failure);
  }

  endWith(status: Readonly<Record<string, unknown>>): void {
    this.#send('status', JSON.stringify({ metadata: {}, ...status }));
  }

  /** Closes the connection in the midst of the command. */
  breakOff(): void {
    this.#socket.close();
  }

  #send(channel: keyof typeof channels, text: string): void {
    this.#socket.send(Buffer.concat([Buffer.from([channels[channel]]), Buffer.from(text)]));
  }
}

/** Answers upgrades to a web socket as the API server does for `exec`. */
export class ExecUpgrades {
  readonly #server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => ['v5.channel.k8s.io', 'v4.channel.k8s.io'].find((each) => offered.has(each)) ?? false,
  });

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, opened: (exec: ExecFixture) => void): void {
    const url = new URL(request.url ?? '/', 'http://fixture');
    this.#server.handleUpgrade(request, socket, head, (webSocket) => opened(new ExecFixture(url, webSocket)));
  }
}

/** Refuses an upgrade with a status and nothing more. */
export function refuseUpgrade(socket: Duplex, status: number, reason: string): void {
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
