import { runHook } from '../../run-hook.ts';
import { UnmetNeed } from '../client/session.ts';
import type { DnsResponder } from './responders.ts';

const hookWithinMs = 120_000;

/**
 * The user's own program that makes TXT records: `<hook> set-txt <name> <value…>` makes the name have these values and no
 * others, `<hook> unset-txt <name>` makes it have none, also where it had none before. It must not end before the
 * authoritative name servers answer so.
 */
export class DnsHook implements DnsResponder {
  readonly isOwn = false;
  readonly addresses: readonly string[] = [];
  readonly #program: string;

  constructor(program: string) {
    this.#program = program;
  }

  async set(name: string, type: string, values: readonly string[]): Promise<AsyncDisposable> {
    if (type !== 'TXT') throw new UnmetNeed(`a DNS hook makes TXT records only, and this needs ${type}: give --dns`);
    const unset = () => this.#run(['unset-txt', name]);
    try {
      await this.#run(['set-txt', name, ...values]);
    } catch (error) {
      // It may have been stopped on its way, e.g. by Ctrl-C; why it failed is what matters.
      await unset().catch(() => {});
      throw error;
    }
    return { [Symbol.asyncDispose]: unset };
  }

  async fail(): Promise<AsyncDisposable> {
    throw new UnmetNeed('a DNS hook makes no name server fail: give --dns');
  }

  queries(): readonly [] {
    return [];
  }

  #run(args: readonly string[]): Promise<void> {
    return runHook(this.#program, args, hookWithinMs);
  }
}
