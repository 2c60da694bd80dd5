import { messageOf } from '../error-message.ts';
import { actionNames } from '../evidence/action-names.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { FaultContext, ScenarioFault } from './fault.ts';

/** One fault in one scenario, whose context says when a moment is reached and what is about to be applied. */
export class FaultRun {
  readonly #fault: ScenarioFault;
  readonly #context: FaultContext;
  readonly #ended = new AbortController();
  readonly #signal: AbortSignal;
  #began = false;
  #changed = false;
  #going: Promise<void> = Promise.resolve();

  /** @param signal ends what the fault does, with the scenario */
  constructor(fault: ScenarioFault, context: FaultContext, signal: AbortSignal) {
    this.#fault = fault;
    this.#context = context;
    this.#signal = AbortSignal.any([signal, this.#ended.signal]);
    if (fault.inScenario.trustsForeignRoot) this.#note();
  }

  /** The moments of the fault, which begin before the Issuer is applied. */
  async begin(): Promise<void> {
    const { at } = this.#fault.inScenario;
    if (at === undefined || this.#began) return;
    this.#began = true;
    this.#note();
    await at['before-issuer']?.(this.#context, this.#signal);
    this.#going = at['while-issuing']?.(this.#context, this.#signal) ?? Promise.resolve();
    // It is awaited in `end`.
    this.#going.catch(() => {});
  }

  /** The objects as the scenario is to apply them. */
  changed(objects: readonly KubeObject[]): readonly KubeObject[] {
    return objects.map((object) => this.#change(object));
  }

  #change(object: KubeObject): KubeObject {
    const changed = this.#fault.inScenario.changes?.(object) ?? object;
    if (changed !== object && !this.#changed) {
      this.#changed = true;
      this.#note();
    }
    return changed;
  }

  #note(): void {
    const { id, title } = this.#fault;
    this.#context.note(actionNames.fault, `${id}: ${title.replace(/^(The|An?) /, (article) => article.toLowerCase())}`);
  }

  /**
   * Ends what goes on beside the scenario; more than once changes nothing.
   *
   * @throws Error if the fault was never started or never took effect: then the verdicts say nothing about it
   */
  async end(): Promise<void> {
    this.#ended.abort(new Error('the scenario ended first'));
    const { id, inScenario } = this.#fault;
    if (inScenario.at !== undefined && !this.#began)
      throw new Error(`Fault '${id}' was never started: the scenario did not reach the moment before its Issuer.`);
    if (inScenario.changes !== undefined && !this.#changed)
      throw new Error(`Fault '${id}' was never started: the scenario applied no object that the fault changes.`);
    try {
      await this.#going;
    } catch (error) {
      const why = messageOf(error);
      throw new Error(`Fault '${id}' did not take effect: ${why}.`, { cause: error });
    }
  }
}
