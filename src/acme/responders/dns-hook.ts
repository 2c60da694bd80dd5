import { runHook } from '../../run-hook.ts';
import type { DnsResponder } from '../client/responders.ts';
import { UnmetNeed } from '../client/session.ts';

const hookWithinMs = 120_000;

/**
 * The user's program that makes TXT records: `<hook> set-txt <name> <value…>` gives the name exactly these values, and
 * `<hook> unset-txt <name>` removes them all, if there are any. It must not end before the authoritative name servers
 * answer accordingly.
 */
export class DnsHook implements DnsResponder {
  readonly isOwn = false;
  readonly addresses: readonly string[] = [];
  readonly #program: string;

  constructor(program: string) {
    this.#program = program;
  }

  async set(name: string, type: string, values: readonly string[]): Promise<AsyncDisposable> {
    if (type !== 'TXT')
      throw new UnmetNeed(`a DNS hook makes only TXT records, and this check needs ${type}: give --dns`);
    const unset = () => this.#run(['unset-txt', name]);
    try {
      await this.#run(['set-txt', name, ...values]);
    } catch (error) {
      // The hook may have been stopped halfway, e.g. by Ctrl-C. The reason of its failure matters more.
      await unset().catch(() => {});
      throw error;
    }
    return { [Symbol.asyncDispose]: unset };
  }

  async fail(): Promise<AsyncDisposable> {
    throw new UnmetNeed('a DNS hook cannot make a name server fail: give --dns');
  }

  queries(): readonly [] {
    return [];
  }

  #run(args: readonly string[]): Promise<void> {
    return runHook(this.#program, args, hookWithinMs);
  }
}
